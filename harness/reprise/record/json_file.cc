#include "reprise/record/json_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "reprise/protocol/internal/json_reader.h"
#include "reprise/record/internal/prefixed_status.h"

namespace reprise {
namespace {

using Json = nlohmann::json;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

absl::Status system_error(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, path);
}

// The bytes of a file or of a text, one by one, with a count of lines.  Ends early when there are
// more than `bytes_max` bytes and when the system refuses to read; the caller asks for both
// afterwards.
class ByteSource {
 public:
  ByteSource(std::string_view text, std::size_t bytes_max)
      : rest_(text.substr(0, bytes_max)), too_long_(text.size() > bytes_max) {}
  ByteSource(std::FILE* file, std::size_t bytes_max) : file_(file), bytes_left_(bytes_max) {
    refill();
  }
  ByteSource(const ByteSource&) = delete;  // it points into itself
  ByteSource& operator=(const ByteSource&) = delete;

  bool at_end() const { return rest_.empty(); }
  char front() const { return rest_.front(); }

  void pop() {
    ++bytes_read_;
    last_ = rest_.front();
    if (rest_.front() == '\n') {
      previous_line_start_ = line_start_;
      line_start_ = bytes_read_;
      ++line_;
    }
    rest_.remove_prefix(1);
    if (rest_.empty()) refill();
  }

  // "LINE:COLUMN" of the byte that was read as number `count`, from 1: the last one or, as a parser
  // may look ahead by one, the one before.  A greater count means the end.
  std::string position(std::size_t count) const {
    const bool before_newline = count <= line_start_ && line_ > 1;
    const std::size_t line = before_newline ? line_ - 1 : line_;
    const std::size_t start = before_newline ? previous_line_start_ : line_start_;
    const std::size_t index = std::min(count == 0 ? 0 : count - 1, bytes_read_);
    return std::to_string(line) + ":" + std::to_string(index - start + 1);
  }
  std::string position() const { return position(bytes_read_); }

  // Whether the byte read last is zero, which nlohmann's parser takes for the end of its input.
  bool stopped_at_zero() const { return bytes_read_ > 0 && last_ == '\0'; }
  bool too_long() const { return too_long_; }
  int read_error() const { return read_error_; }

 private:
  void refill() {
    if (file_ == nullptr || too_long_ || read_error_ != 0) return;
    errno = 0;
    const std::size_t count = std::fread(buffer_.data(), 1, buffer_.size(), file_);
    if (count == 0 && std::ferror(file_) != 0) read_error_ = errno == 0 ? EIO : errno;
    too_long_ = count > bytes_left_;
    const std::size_t kept = std::min(count, bytes_left_);
    bytes_left_ -= kept;
    rest_ = std::string_view(buffer_.data(), kept);
  }

  std::FILE* file_ = nullptr;
  std::size_t bytes_left_ = 0;
  std::array<char, 65536> buffer_{};
  std::string_view rest_;
  bool too_long_ = false;
  int read_error_ = 0;
  std::size_t bytes_read_ = 0;
  char last_ = '\0';
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
  std::size_t previous_line_start_ = 0;
};

// The form in which nlohmann's parser takes its input without asking for all of it.
class ByteIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  ByteIterator() = default;
  explicit ByteIterator(ByteSource& source) : source_(&source) {}

  char operator*() const { return source_->front(); }
  ByteIterator& operator++() {
    source_->pop();
    return *this;
  }
  void operator++(int) { source_->pop(); }
  friend bool operator==(const ByteIterator& a, const ByteIterator& b) {
    return a.ended() == b.ended();
  }

 private:
  bool ended() const { return source_ == nullptr || source_->at_end(); }

  ByteSource* source_ = nullptr;
};

// Builds the value from the parser's events, without recursion, and stops it at the first thing
// that the parser itself would let pass.
class Builder {
 public:
  Builder(const ByteSource& source, const JsonLimits& limits) : source_(source), limits_(limits) {}

  Json take() { return std::move(root_); }
  const absl::Status& status() const { return status_; }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return fail_here("binary data"); }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    Frame& frame = open_.back();
    frame.key = std::move(name);
    if (!frame.container->contains(frame.key)) return true;
    status_ =
        absl::InvalidArgumentError(internal::located(pointer_of_key(), "duplicate member name"));
    return false;
  }

  bool parse_error(std::size_t count, const std::string&, const Json::exception& error) {
    status_ = absl::InvalidArgumentError(source_.position(count) + ": " + plain(error.what()));
    return false;
  }

 private:
  struct Frame {
    Json* container;
    std::string key;  // of the member being read, in an object
  };

  // nlohmann: "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while
  // ... - unexpected '}'; last read: '...'; expected ...".  Its place is counted by us, and what it
  // read last may be long and no UTF-8.
  static std::string plain(std::string text) {
    const std::size_t last_read = text.find("; last read: ");
    std::string expected;
    if (last_read != std::string::npos) {
      const std::size_t wanted = text.rfind("; expected ");
      if (wanted != std::string::npos && wanted > last_read) expected = text.substr(wanted);
      text.resize(last_read);
    }
    for (const std::string_view skipped : {"] ", ": ", " - "}) {
      const std::size_t end = text.find(skipped);
      if (end != std::string::npos) text.erase(0, end + skipped.size());
    }
    constexpr std::size_t kBytesShown = 200;  // a number may be as long as its file
    if (text.size() > kBytesShown) text = text.substr(0, kBytesShown) + "...";
    return text + expected;
  }

  bool fail_here(const std::string& message) {
    status_ = absl::InvalidArgumentError(source_.position() + ": " + message);
    return false;
  }

  bool fail_limit(const std::string& message) {
    status_ = absl::ResourceExhaustedError(source_.position() + ": " + message);
    return false;
  }

  // Puts a value in its place; null when there are too many.
  Json* place(Json value) {
    if (++values_ > limits_.values_max) {
      fail_limit("more than " + std::to_string(limits_.values_max) + " values");
      return nullptr;
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    const Frame& frame = open_.back();
    if (frame.container->is_array()) return &frame.container->emplace_back(std::move(value));
    return &(*frame.container->emplace(frame.key, std::move(value)).first);
  }

  bool add(Json value) { return place(std::move(value)) != nullptr; }

  bool open(Json container) {
    if (open_.size() == limits_.depth_max) {
      return fail_limit("nested deeper than " + std::to_string(limits_.depth_max) + " levels");
    }
    Json* const placed = place(std::move(container));
    if (placed == nullptr) return false;
    open_.push_back({placed, ""});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string pointer_of_key() const {
    std::string pointer;
    for (const Frame& frame : open_) {
      if (frame.container->is_array()) {
        internal::append_pointer(pointer, frame.container->size() - 1);
      } else {
        internal::append_pointer(pointer, frame.key);
      }
    }
    return pointer;
  }

  const ByteSource& source_;
  const JsonLimits& limits_;
  Json root_;
  // Stays valid: a container does not grow while one of its elements is open.
  std::vector<Frame> open_;
  std::size_t values_ = 0;
  absl::Status status_;
};

absl::Status too_long(std::string_view name, const JsonLimits& limits) {
  return absl::ResourceExhaustedError(std::string(name) + ": longer than " +
                                      std::to_string(limits.bytes_max) + " bytes");
}

absl::StatusOr<Json> parse(ByteSource& source, std::string_view name, const JsonLimits& limits) {
  Builder builder(source, limits);
  const bool complete = Json::sax_parse(ByteIterator(source), ByteIterator(), &builder);
  // These three look like the end to the parser, so they come before what it says itself.
  if (source.read_error() != 0) return system_error(std::string(name), source.read_error());
  if (source.too_long() && source.at_end()) return too_long(name, limits);
  if (source.stopped_at_zero()) {
    return absl::InvalidArgumentError(std::string(name) + ": " + source.position() +
                                      ": expected JSON, found a zero byte");
  }
  if (!complete) return internal::prefixed(name, builder.status());
  return builder.take();
}

}  // namespace

absl::StatusOr<Json> read_json_file(const std::string& path, const JsonLimits& limits) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) return system_error(path, errno);
  std::error_code ignored;  // what is no regular file has no size; the source counts all the same
  const std::uintmax_t size = std::filesystem::file_size(path, ignored);
  if (!ignored && size > limits.bytes_max) return too_long(path, limits);
  ByteSource source(file.get(), limits.bytes_max);
  return parse(source, path, limits);
}

absl::StatusOr<Json> parse_json(std::string_view text, std::string_view name,
                                const JsonLimits& limits) {
  ByteSource source(text, limits.bytes_max);
  return parse(source, name, limits);
}

absl::Status write_text_file(const std::string& path, std::string_view text) {
  errno = 0;
  File file(std::fopen(path.c_str(), "wb"));
  if (!file) return system_error(path, errno);
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  const bool closed = std::fclose(file.release()) == 0;
  if (!written || !closed) return system_error(path, errno == 0 ? EIO : errno);
  return absl::OkStatus();
}

}  // namespace reprise
