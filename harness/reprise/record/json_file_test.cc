#include "reprise/record/json_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace reprise {
namespace {

using Json = nlohmann::json;

// A file that is gone when the test ends.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name) : path_(testing::TempDir() + "reprise_" + name) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  const std::string& path() const { return path_; }

  void fill(char c, std::size_t size) const {
    const std::string block(1U << 20U, c);
    std::ofstream out(path_, std::ios::binary);
    for (std::size_t left = size; left > 0;) {
      const std::size_t count = std::min(left, block.size());
      out.write(block.data(), static_cast<std::streamsize>(count));
      left -= count;
    }
  }

 private:
  std::string path_;
};

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(JsonFile, GivesWhatWasWritten) {
  const TemporaryFile file("given.json");
  ASSERT_TRUE(
      write_text_file(file.path(), "{\"a\": [1, -2.5, null, true, \"\\u00e9\\n\"]}\n").ok());
  const auto json = read_json_file(file.path());
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(json->dump(), "{\"a\":[1,-2.5,null,true,\"\xC3\xA9\\n\"]}");
}

TEST(JsonFile, IsReplacedByWriting) {
  const TemporaryFile file("replaced.json");
  ASSERT_TRUE(write_text_file(file.path(), "[1, 2, 3]").ok());
  ASSERT_TRUE(write_text_file(file.path(), "[]").ok());
  EXPECT_EQ(*read_json_file(file.path()), Json::array());
}

TEST(JsonFile, AgreesWithALenientParserOnGoodText) {
  const char* const texts[] = {
      "0",
      " \t\r\n\"x\" ",
      "[]",
      "{}",
      R"([[], {}, [{}], {"": {"": []}}])",
      R"({"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 2}]})",
      "[0, -0, 1.5e3, 18446744073709551615, -9223372036854775808, 1e-400, 0.1]",
      R"(["\ud83d\ude00", "\u0000", "\/", "é"])",
  };
  for (const char* text : texts) {
    const auto json = parse_json(text, "t");
    ASSERT_TRUE(json.ok()) << json.status();
    EXPECT_EQ(json->dump(), Json::parse(text).dump());
  }
}

struct Broken {
  std::string text;
  const char* message;
};

TEST(JsonFile, IsReadStrictly) {
  const std::vector<Broken> table = {
      {"", "t: 1:1: unexpected end of input"},
      {"  \n ", "t: 2:2: unexpected end of input"},
      {"[1,\n 2,\n", "t: 3:1: unexpected end of input"},
      {"[1,\n 2", "t: 2:3: unexpected end of input; expected ']'"},
      {"{\"a\": 1", "t: 1:8: unexpected end of input; expected '}'"},
      {"{\"a\"", "t: 1:5: unexpected end of input; expected ':'"},
      {"\"abc", "t: 1:5: invalid string: missing closing quote"},
      {"[1] []", "t: 1:5: unexpected '['; expected end of input"},
      {"[1 2]", "t: 1:4: unexpected number literal; expected ']'"},
      {"[1,]", "t: 1:4: unexpected ']'"},
      {"[\n1\n\n2]", "t: 4:1: unexpected number literal; expected ']'"},
      {"{\"a\": 1,}", "t: 1:9: unexpected '}'; expected string literal"},
      {"{a: 1}", "t: 1:2: invalid literal; expected string literal"},
      {"{1: 1}", "t: 1:2: unexpected number literal; expected string literal"},
      {"[NaN]", "t: 1:2: invalid literal"},
      {"[Infinity]", "t: 1:2: invalid literal"},
      {"[-Infinity]", "t: 1:3: invalid number; expected digit after '-'"},
      {"[nul]", "t: 1:5: invalid literal"},
      {"[01]", "t: 1:3: unexpected number literal; expected ']'"},
      {"[1.]", "t: 1:4: invalid number; expected digit after '.'"},
      {"[+1]", "t: 1:2: invalid literal"},
      {"[1e999]", "t: 1:6: number overflow parsing '1e999'"},
      {"[-1e999]", "t: 1:7: number overflow parsing '-1e999'"},
      {"// x\n[]", "t: 1:1: invalid literal"},
      {"['a']", "t: 1:2: invalid literal"},
      {"[\"a\tb\"]", "t: 1:4: invalid string: control character U+0009 (HT) must be escaped"},
      {"[\"\\x\"]", "t: 1:4: invalid string: forbidden character after backslash"},
      {"[\"\\ud800\"]", "t: 1:9: invalid string: surrogate U+D800..U+DBFF must be followed by"},
      {"[\"\\ud800\\u0041\"]", "t: 1:14: invalid string: surrogate U+D800..U+DBFF must be"},
      {"[\"\\udc00\"]", "t: 1:8: invalid string: surrogate U+DC00..U+DFFF must follow"},
      {"[\"\xFF\"]", "t: 1:3: invalid string: ill-formed UTF-8 byte"},
      {"[\"\xC0\x80\"]", "t: 1:3: invalid string: ill-formed UTF-8 byte"},
      {"[\"\xED\xA0\x80\"]", "t: 1:4: invalid string: ill-formed UTF-8 byte"},
      {"[\"\xE2\x82\"]", "t: 1:5: invalid string: ill-formed UTF-8 byte"},
      {std::string("[\0]", 3), "t: 1:2: expected JSON, found a zero byte"},
      {std::string("[] \0x", 5), "t: 1:4: expected JSON, found a zero byte"},
      {std::string("1\0", 2), "t: 1:2: expected JSON, found a zero byte"},
      {std::string("[\"\0\"]", 5), "t: 1:3: expected JSON, found a zero byte"},
      {"[]\xFF", "t: 1:3: invalid literal; expected end of input"},
      {R"({"a": 1, "b": 2, "a": 1})", "t: /a: duplicate member name"},
      {R"({"x": [0, {"a/b": {}, "a\/b": {}}]})", "t: /x/1/a~1b: duplicate member name"},
      {R"({"": 1, "": 1})", "t: /: duplicate member name"},
      {R"([[], [{"k": [1, 2], "k": 3}]])", "t: /1/0/k: duplicate member name"},
  };
  for (const Broken& broken : table) {
    const auto json = parse_json(broken.text, "t");
    ASSERT_FALSE(json.ok()) << broken.text;
    EXPECT_EQ(json.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(json.status().message());
    EXPECT_EQ(message.substr(0, std::string(broken.message).size()), broken.message) << message;
  }
}

TEST(JsonFile, ReportsInOneShortPrintableLine) {
  const std::string huge(1U << 20U, '1');
  const std::string texts[] = {"[\"" + huge + "\xFF\"]",
                               "[" + huge + "]",
                               "[\"" + huge,
                               "[-" + huge + "e5]",
                               "{\"" + huge + "\": 1, \"" + huge + "\": 1}",
                               "{\"\\n\": 1, \"\\n\": 1}"};
  for (const std::string& text : texts) {
    const auto json = parse_json(text, "t");
    ASSERT_FALSE(json.ok());
    const std::string message(json.status().message());
    EXPECT_LT(message.size(), 400U);
    EXPECT_EQ(message.find_first_of("\n\xFF"), std::string::npos);
  }
}

TEST(JsonFile, MayNestUpToTheLimit) {
  EXPECT_TRUE(parse_json(nested(200), "t").ok());
  const auto json = parse_json(nested(201), "t");
  EXPECT_EQ(json.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(json.status().message()), "t: 1:201: nested deeper than 200 levels");
  EXPECT_TRUE(parse_json(nested(3), "t", {.depth_max = 3}).ok());
  EXPECT_FALSE(parse_json(nested(4), "t", {.depth_max = 3}).ok());
  EXPECT_FALSE(parse_json(R"({"a": {"a": [1]}})", "t", {.depth_max = 2}).ok());
}

TEST(JsonFile, CountsDepthAndNotBrackets) {
  std::string text = "[\"" + std::string(1000, '[') + "\"";
  for (int i = 0; i < 1000; ++i) text += ",[[]]";
  EXPECT_TRUE(parse_json(text + "]", "t", {.depth_max = 3}).ok());
}

TEST(JsonFile, HoldsAtMostSoManyValues) {
  EXPECT_TRUE(parse_json("[1, 2, {\"a\": 3}]", "t", {.values_max = 5}).ok());
  const auto json = parse_json("[1, 2, {\"a\": 3}]", "t", {.values_max = 4});
  EXPECT_EQ(json.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(json.status().message()), "t: 1:15: more than 4 values");
}

TEST(JsonFile, MayHaveTheSizeOfTheLimitAndNotMore) {
  const TemporaryFile file("size.json");
  for (const std::size_t size : {std::size_t{65535}, std::size_t{65536}, std::size_t{65537}}) {
    const std::string text = "\"" + std::string(size - 2, 'x') + "\"";
    ASSERT_TRUE(write_text_file(file.path(), text).ok());
    EXPECT_TRUE(read_json_file(file.path(), {.bytes_max = size}).ok());
    EXPECT_TRUE(parse_json(text, "t", {.bytes_max = size}).ok());
    EXPECT_FALSE(read_json_file(file.path(), {.bytes_max = size - 1}).ok());
    const auto json = parse_json(text, "t", {.bytes_max = size - 1});
    EXPECT_EQ(json.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(std::string(json.status().message()),
              "t: longer than " + std::to_string(size - 1) + " bytes");
  }
}

TEST(JsonFile, OfTwoHundredMegabytesOfBracketsIsRefusedAtOnce) {
  constexpr std::size_t kSize = 200'000'000;
  const TemporaryFile file("brackets.json");
  file.fill('[', kSize);
  const auto too_long = read_json_file(file.path());
  EXPECT_EQ(std::string(too_long.status().message()), file.path() + ": longer than 67108864 bytes");
  const auto too_deep = read_json_file(file.path(), {.bytes_max = kSize});
  EXPECT_EQ(std::string(too_deep.status().message()),
            file.path() + ": 1:201: nested deeper than 200 levels");
}

TEST(JsonFile, ThatIsMissingIsNotFound) {
  const std::string path = testing::TempDir() + "reprise_no_such_file.json";
  const absl::Status status = read_json_file(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), path + ": No such file or directory");
}

TEST(JsonFile, ThatIsADirectoryIsAnError) {
  const std::string path = testing::TempDir();
  EXPECT_EQ(std::string(read_json_file(path).status().message()), path + ": Is a directory");
  EXPECT_EQ(std::string(write_text_file(path, "[]").message()), path + ": Is a directory");
}

TEST(JsonFile, ThatIsEmptyIsAnError) {
  const TemporaryFile file("empty.json");
  ASSERT_TRUE(write_text_file(file.path(), "").ok());
  EXPECT_EQ(std::string(read_json_file(file.path()).status().message()),
            file.path() + ": 1:1: unexpected end of input; expected '[', '{', or a literal");
}

}  // namespace
}  // namespace reprise
