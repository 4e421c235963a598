#include "reprise/fakes/object_store.h"

#include <absl/strings/str_format.h>

#include <algorithm>

#include "reprise/fakes/internal/text.h"

namespace reprise::fakes {
namespace {

// FNV-1a, twice with other beginnings: not MD5, and as good for telling contents apart.
std::string etag_of(const std::string& content) {
  std::uint64_t low = 0xcbf29ce484222325U;
  std::uint64_t high = 0x84222325cbf29ce4U;
  for (const char c : content) {
    low = (low ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    high = (high ^ static_cast<unsigned char>(c)) * 0x100000001b3U + 1;
  }
  return absl::StrFormat("\"%016x%016x\"", high, low);
}

bool same_content(const std::shared_ptr<const std::string>& a,
                  const std::shared_ptr<const std::string>& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

std::string text_of(const Precondition& precondition) {
  if (precondition.if_none_match) return ", if-none-match";
  return precondition.if_match.empty() ? "" : ", if-match " + precondition.if_match;
}

}  // namespace

std::string_view to_string(StoreStatus status) {
  switch (status) {
    case StoreStatus::kNoAnswer:
      return "NoAnswer";
    case StoreStatus::kOk:
      return "Ok";
    case StoreStatus::kNotFound:
      return "NotFound";
    case StoreStatus::kPreconditionFailed:
      return "PreconditionFailed";
  }
  return "";
}

bool ObjectStore::Stored::operator==(const Stored& other) const {
  return std::equal(versions.begin(), versions.end(), other.versions.begin(), other.versions.end(),
                    same_content);
}

const ObjectStore::Content& ObjectStore::current(const std::string& key) const {
  static const Content none;
  const auto found = objects_.find(key);
  return found == objects_.end() ? none : found->second.versions.back();
}

std::optional<ObjectStore::Object> ObjectStore::get(const std::string& key) const {
  observed(name_, key);
  const Content& content = current(key);
  if (content == nullptr) return std::nullopt;
  return Object{*content, etag_of(*content)};
}

std::vector<ObjectStore::Object> ObjectStore::versions(const std::string& key) const {
  observed(name_, key);
  std::vector<Object> versions;
  const auto found = objects_.find(key);
  if (found == objects_.end()) return versions;
  for (std::size_t i = found->second.versions.size(); i-- > 0;) {
    const Content& content = found->second.versions[i];
    if (content != nullptr) versions.push_back({*content, etag_of(*content)});
  }
  return versions;
}

ObjectStore::Page ObjectStore::list(std::string_view prefix, std::string_view after,
                                    std::size_t max) const {
  observed(name_);
  Page page;
  for (auto it = objects_.lower_bound(std::string(prefix)); it != objects_.end(); ++it) {
    if (!std::string_view(it->first).starts_with(prefix)) break;
    if (it->first <= after || it->second.versions.back() == nullptr) continue;
    if (page.keys.size() == max) {
      page.next = max == 0 ? std::string(after) : page.keys.back();
      break;
    }
    page.keys.push_back(it->first);
  }
  return page;
}

std::size_t ObjectStore::size() const {
  observed(name_);
  return static_cast<std::size_t>(
      std::count_if(objects_.begin(), objects_.end(),
                    [](const auto& each) { return each.second.versions.back() != nullptr; }));
}

// What a write is answered that asks for this; kOk: it may happen.
StoreAnswer ObjectStore::check(const std::string& key, const Precondition& precondition) const {
  const Content& content = current(key);
  StoreAnswer answer;
  answer.etag = content == nullptr ? "" : etag_of(*content);
  answer.status = StoreStatus::kOk;
  const bool wants_one = !precondition.if_match.empty();
  if (content == nullptr) {
    if (wants_one) answer.status = StoreStatus::kNotFound;
  } else if (precondition.if_none_match || (wants_one && precondition.if_match != answer.etag)) {
    answer.status = StoreStatus::kPreconditionFailed;
  }
  return answer;
}

void ObjectStore::store(const std::string& key, Content content) {
  std::vector<Content>& versions = objects_[key].versions;
  if (!versioned_) versions.clear();
  versions.push_back(std::move(content));
  const bool nothing_left = !versioned_ && versions.back() == nullptr;
  if (nothing_left) objects_.erase(key);
}

StoreAnswer ObjectStore::put(const std::string& key, const std::string& content,
                             const Precondition& precondition, std::source_location location) {
  const bool conditional = precondition.if_none_match || !precondition.if_match.empty();
  const EffectCall call{
      .target = name_,
      .action = "put",
      .arguments = key + ", " + internal::quoted_text(content) + text_of(precondition),
      .key = {},
      .repeatable = !conditional && !versioned_,
      .object = key,
      .location = location};
  return effect(call, [&](EffectOutcome& outcome) {
    StoreAnswer answer = check(key, precondition);
    const Content& before = current(key);
    const bool equal = before != nullptr && *before == content;
    if (!answer.ok() || (equal && !versioned_)) outcome.unchanged();
    if (!answer.ok()) return answer;
    answer.etag = etag_of(content);
    store(key, std::make_shared<const std::string>(content));
    return answer;
  });
}

StoreAnswer ObjectStore::remove(const std::string& key, const Precondition& precondition,
                                std::source_location location) {
  const EffectCall call{.target = name_,
                        .action = "remove",
                        .arguments = key + text_of(precondition),
                        .key = {},
                        .repeatable = precondition.if_match.empty(),
                        .object = key,
                        .location = location};
  return effect(call, [&](EffectOutcome& outcome) {
    StoreAnswer answer = check(key, precondition);
    if (!answer.ok() || current(key) == nullptr) {
      outcome.unchanged();
      return answer;
    }
    answer.etag.clear();
    store(key, nullptr);
    return answer;
  });
}

}  // namespace reprise::fakes
