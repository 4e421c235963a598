#include "reprise/explore/internal/child_process.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

#include "reprise/runtime/simulation.h"

namespace reprise::internal {
namespace {

// What a frame holds.
constexpr char kTextFrame = 'T';
constexpr char kExceptionFrame = 'E';

struct FrameHeader {
  std::uint64_t size = 0;
  char kind = kTextFrame;
};

bool write_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::send(socket, data, size, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_all(int socket, char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, data, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    data += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_frame(int socket, char kind, const std::string& text) {
  FrameHeader header;
  header.size = text.size();
  header.kind = kind;
  std::array<char, sizeof header> bytes{};
  std::memcpy(bytes.data(), &header, sizeof header);
  return write_all(socket, bytes.data(), bytes.size()) &&
         write_all(socket, text.data(), text.size());
}

struct Message {
  char kind = kTextFrame;
  std::string text;
};

std::optional<Message> read_frame(int socket) {
  std::array<char, sizeof(FrameHeader)> bytes{};
  if (!read_all(socket, bytes.data(), bytes.size())) return std::nullopt;
  FrameHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  Message frame{header.kind, std::string(header.size, '\0')};
  if (!read_all(socket, frame.text.data(), frame.text.size())) return std::nullopt;
  return frame;
}

std::string describe_death(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "was killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  return "exited with code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

ChildProcess::ChildProcess(const Serve& serve) {
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    throw ProgramError(std::string("no socket for a child process: ") + std::strerror(errno));
  }
  // What is still in the buffers would be written twice.
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    const std::string reason = std::strerror(errno);
    ::close(sockets[0]);
    ::close(sockets[1]);
    throw ProgramError("no child process: " + reason);
  }
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);  // it died before that
    ::close(sockets[0]);
    serve_for_ever(sockets[1], serve);
  }
  ::close(sockets[1]);
  socket_ = sockets[0];
}

ChildProcess::~ChildProcess() {
  ::close(socket_);
  if (!death_.empty()) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::serve_for_ever(int socket, const Serve& serve) {
  while (const std::optional<Message> request = read_frame(socket)) {
    char kind = kTextFrame;
    std::string answer;
    try {
      answer = serve(request->text);
    } catch (const std::exception& error) {
      kind = kExceptionFrame;
      answer = error.what();
    } catch (...) {
      kind = kExceptionFrame;
      answer = "something was thrown that is no std::exception";
    }
    std::fflush(nullptr);
    if (!write_frame(socket, kind, answer)) break;
  }
  ::_exit(0);
}

void ChildProcess::send(const std::string& request) {
  if (death_.empty()) write_frame(socket_, kTextFrame, request);
}

std::optional<std::string> ChildProcess::receive() {
  if (!death_.empty()) return std::nullopt;
  std::optional<Message> frame = read_frame(socket_);
  if (!frame) {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    death_ = describe_death(status);
    return std::nullopt;
  }
  if (frame->kind == kExceptionFrame) throw ProgramError(frame->text);
  return std::move(frame->text);
}

std::size_t ChildProcess::wait_for_any(const std::vector<ChildProcess*>& children) {
  std::vector<pollfd> waits;
  waits.reserve(children.size());
  for (const ChildProcess* child : children) waits.push_back({child->socket_, POLLIN, 0});
  while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
  }
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (waits[i].revents != 0) return i;
  }
  return 0;
}

// --- Nursery

namespace {

constexpr char kAnswered = '+';
constexpr char kDied = '-';

}  // namespace

Nursery::Nursery(ChildProcess::Serve serve)
    : serve_(std::move(serve)), child_([this](const std::string& request) {
        ChildProcess fresh(serve_);
        fresh.send(request);
        const std::optional<std::string> answer = fresh.receive();
        return answer ? kAnswered + *answer : kDied + fresh.death();
      }) {}

Nursery::Answer Nursery::ask(const std::string& request) {
  child_.send(request);
  const std::optional<std::string> answer = child_.receive();
  if (!answer) return {std::nullopt, child_.death()};
  if (answer->front() == kDied) return {std::nullopt, answer->substr(1)};
  return {answer->substr(1), ""};
}

}  // namespace reprise::internal
