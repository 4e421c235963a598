#include "reprise/explore/internal/last_words.h"

#include <sys/mman.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

namespace reprise::internal {
namespace {

// There is one in a process that may die.
char* shared_text = nullptr;
std::size_t shared_size = 0;
std::function<std::string(const std::string&)> speaker;

}  // namespace

LastWords::LastWords() {
  void* memory = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  text_ = static_cast<char*>(memory);
}

LastWords::~LastWords() { ::munmap(text_, kSize); }

std::string LastWords::read() const { return text_; }

void LastWords::clear() { text_[0] = '\0'; }

// Much of this is not allowed in a signal handler.  The process is lost anyway, and when it fails
// the parent still learns that it died.
void LastWords::say(const std::string& death) {
  if (shared_text == nullptr) return;
  char* const text = std::exchange(shared_text, nullptr);
  const std::string words = speaker(death);
  const std::size_t size = std::min(words.size(), shared_size - 1);
  std::memcpy(text, words.data(), size);
  text[size] = '\0';
}

void LastWords::on_signal(int signal) {
  std::signal(signal, SIG_DFL);
  say(std::string("was killed by signal ") + std::to_string(signal) + " (" + strsignal(signal) +
      ")");
  std::raise(signal);
}

void LastWords::listen(std::function<std::string(const std::string& death)> speak) {
  shared_text = text_;
  shared_size = kSize;
  speaker = std::move(speak);
  std::set_terminate([] {
    std::string what = "called std::terminate";
    if (const std::exception_ptr thrown = std::current_exception()) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        what += std::string(" on an exception: ") + error.what();
      } catch (...) {
        what += " on an exception";
      }
    }
    say(what);
    std::signal(SIGABRT, SIG_DFL);
    std::abort();
  });
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(signal, on_signal);
  }
  std::atexit([] { say("called exit"); });
}

}  // namespace reprise::internal
