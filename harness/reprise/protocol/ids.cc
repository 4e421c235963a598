#include "reprise/protocol/ids.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

namespace reprise {
namespace {

constexpr std::size_t kDigestBytesKept = 8;

const EVP_MD* md5() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  return algorithm;
}

}  // namespace

std::string operation_id(std::string_view raw_path) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(raw_path.data(), raw_path.size(), digest.data(), &size, md5(), nullptr) != 1) {
    std::abort();  // OpenSSL without MD5: no operation can have an id
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string id;
  id.reserve(2 * kDigestBytesKept);
  for (std::size_t i = 0; i < kDigestBytesKept; ++i) {
    id.push_back(kHex[digest[i] >> 4]);
    id.push_back(kHex[digest[i] & 15U]);
  }
  return id;
}

IdNode& IdNode::root() {
  thread_local IdNode root;
  return root;
}

IdNode& IdNode::child(int number) {
  const auto index = static_cast<std::size_t>(number) - 1;
  if (children_.size() <= index) children_.resize(index + 1);
  std::unique_ptr<IdNode>& slot = children_[index];
  if (!slot) {
    slot.reset(new IdNode);
    slot->raw_ = raw_.empty() ? std::to_string(number) : raw_ + "-" + std::to_string(number);
    slot->wire_ = SharedText(operation_id(slot->raw_));
  }
  return *slot;
}

}  // namespace reprise
