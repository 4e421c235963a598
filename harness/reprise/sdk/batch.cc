#include "reprise/sdk/batch.h"

#include <absl/strings/str_cat.h>

#include <cstdlib>

#include "reprise/protocol/internal/planted_fault.h"

namespace reprise {

std::string_view to_string(BatchItemStatus status) {
  switch (status) {
    case BatchItemStatus::kStarted:
      return "STARTED";
    case BatchItemStatus::kSucceeded:
      return "SUCCEEDED";
    case BatchItemStatus::kFailed:
      return "FAILED";
  }
  std::abort();
}

std::string_view to_string(CompletionReason reason) {
  switch (reason) {
    case CompletionReason::kAllCompleted:
      return "ALL_COMPLETED";
    case CompletionReason::kMinSuccessfulReached:
      return "MIN_SUCCESSFUL_REACHED";
    case CompletionReason::kFailureToleranceExceeded:
      return "FAILURE_TOLERANCE_EXCEEDED";
    case CompletionReason::kCustomCompletionSucceeded:
      return "CUSTOM_COMPLETION_SUCCEEDED";
    case CompletionReason::kCustomCompletionFailed:
      return "CUSTOM_COMPLETION_FAILED";
  }
  std::abort();
}

// PROTOCOL 6.6.3: the tolerance first, then whether all are done, then the minimum.
std::optional<CompletionReason> CompletionConfig::decide(const BatchProgress& progress) const {
  if (predicate_) {
    switch ((*predicate_)(progress)) {
      case Decision::kSucceed:
        return CompletionReason::kCustomCompletionSucceeded;
      case Decision::kFail:
        return CompletionReason::kCustomCompletionFailed;
      case Decision::kContinue:
        break;
    }
  } else {
    const bool fails_fast = !min_successful_ && !tolerated_count_ && !tolerated_percentage_;
    const auto failed = static_cast<std::int64_t>(progress.failed);
    const bool count_exceeded = tolerated_count_ && failed > *tolerated_count_;
    const bool part_exceeded =
        tolerated_percentage_ && static_cast<double>(failed) * 100.0 >
                                     *tolerated_percentage_ * static_cast<double>(progress.total);
    if (REPRISE_FAULT(completion_before_failures) &&
        progress.succeeded + progress.failed == progress.total) {
      return CompletionReason::kAllCompleted;
    }
    if (count_exceeded || part_exceeded || (fails_fast && failed > 0)) {
      return CompletionReason::kFailureToleranceExceeded;
    }
  }
  if (progress.succeeded + progress.failed == progress.total) {
    return CompletionReason::kAllCompleted;
  }
  if (!predicate_ && min_successful_ &&
      static_cast<std::int64_t>(progress.succeeded) >= *min_successful_) {
    return CompletionReason::kMinSuccessfulReached;
  }
  return std::nullopt;
}

std::string CompletionConfig::problem(std::size_t total) const {
  if (predicate_ && (min_successful_ || tolerated_count_ || tolerated_percentage_)) {
    return "should_complete excludes min_successful and the tolerated failures";
  }
  if (min_successful_ && *min_successful_ < 1) {
    return absl::StrCat("min_successful must be 1 or more, it is ", *min_successful_);
  }
  if (min_successful_ && *min_successful_ > static_cast<std::int64_t>(total)) {
    return absl::StrCat("min_successful is ", *min_successful_, ", but there are only ", total,
                        " items");
  }
  if (tolerated_count_ && *tolerated_count_ < 0) {
    return absl::StrCat("tolerated_failure_count must not be negative, it is ", *tolerated_count_);
  }
  if (tolerated_percentage_ && !(*tolerated_percentage_ >= 0 && *tolerated_percentage_ <= 100)) {
    return absl::StrCat("tolerated_failure_percentage must be from 0 to 100, it is ",
                        *tolerated_percentage_);
  }
  return "";
}

std::string CompletionConfig::describe() const {
  std::string text;
  if (min_successful_) absl::StrAppend(&text, " min_successful=", *min_successful_);
  if (tolerated_count_) absl::StrAppend(&text, " tolerated_failures=", *tolerated_count_);
  if (tolerated_percentage_) absl::StrAppend(&text, " tolerated=", *tolerated_percentage_, "%");
  if (predicate_) text += " should_complete";
  return text;
}

}  // namespace reprise
