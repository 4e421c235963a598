// Files, network, processes: reported and forwarded.

#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdarg>
#include <cstring>

#include "reprise/guard/internal/interposed.h"

namespace {

using reprise::AmbientKind;
using reprise::internal::AmbientRegion;

AmbientKind kind_of(const char* path) {
  const bool random = path != nullptr && (std::strcmp(path, "/dev/urandom") == 0 ||
                                          std::strcmp(path, "/dev/random") == 0);
  return random ? AmbientKind::kEntropy : AmbientKind::kFile;
}

bool has_mode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

}  // namespace

REPRISE_GUARD_OBJECT(files)

// The mode is there only when the flags say so.
#define REPRISE_OPEN(name, parameters, ...)                           \
  REPRISE_INTERPOSED(int, name, parameters) {                         \
    const AmbientRegion region(kind_of(path), #name, REPRISE_CALLER); \
    mode_t mode = 0;                                                  \
    if (has_mode(flags)) {                                            \
      va_list rest;                                                   \
      va_start(rest, flags);                                          \
      mode = va_arg(rest, mode_t);                                    \
      va_end(rest);                                                   \
    }                                                                 \
    return next_##name.get()(__VA_ARGS__, mode);                      \
  }
#define REPRISE_PATH(result, name, parameters, ...)                   \
  REPRISE_INTERPOSED(result, name, parameters) {                      \
    const AmbientRegion region(kind_of(path), #name, REPRISE_CALLER); \
    return next_##name.get()(__VA_ARGS__);                            \
  }

REPRISE_OPEN(open, (const char* path, int flags, ...), path, flags)
REPRISE_OPEN(open64, (const char* path, int flags, ...), path, flags)
REPRISE_OPEN(openat, (int at, const char* path, int flags, ...), at, path, flags)
REPRISE_OPEN(openat64, (int at, const char* path, int flags, ...), at, path, flags)
REPRISE_PATH(int, __open_2, (const char* path, int flags), path, flags)
REPRISE_PATH(int, __open64_2, (const char* path, int flags), path, flags)
REPRISE_PATH(int, __openat_2, (int at, const char* path, int flags), at, path, flags)
REPRISE_PATH(int, __openat64_2, (int at, const char* path, int flags), at, path, flags)
REPRISE_PATH(int, creat, (const char* path, mode_t mode), path, mode)
REPRISE_PATH(int, creat64, (const char* path, mode_t mode), path, mode)
REPRISE_PATH(FILE*, fopen, (const char* path, const char* mode), path, mode)
REPRISE_PATH(FILE*, fopen64, (const char* path, const char* mode), path, mode)
REPRISE_PATH(DIR*, opendir, (const char* path), path)
REPRISE_PATH(int, access, (const char* path, int mode), path, mode)
REPRISE_PATH(int, stat, (const char* path, struct stat* to), path, to)
REPRISE_PATH(int, stat64, (const char* path, struct stat64* to), path, to)
REPRISE_PATH(int, lstat, (const char* path, struct stat* to), path, to)
REPRISE_PATH(int, lstat64, (const char* path, struct stat64* to), path, to)
REPRISE_PATH(int, fstatat, (int at, const char* path, struct stat* to, int flags), at, path, to,
             flags)
REPRISE_PATH(int, fstatat64, (int at, const char* path, struct stat64* to, int flags), at, path, to,
             flags)

REPRISE_OBSERVED(kNetwork, int, socket, (int domain, int type, int protocol), domain, type,
                 protocol)
REPRISE_OBSERVED(kNetwork, int, connect, (int socket, const sockaddr* to, socklen_t size), socket,
                 to, size)
REPRISE_OBSERVED(kNetwork, int, getaddrinfo,
                 (const char* node, const char* service, const addrinfo* hints, addrinfo** found),
                 node, service, hints, found)
REPRISE_OBSERVED(kProcess, int, system, (const char* command), command)
REPRISE_OBSERVED(kProcess, FILE*, popen, (const char* command, const char* mode), command, mode)
REPRISE_OBSERVED(kProcess, int, posix_spawn,
                 (pid_t * process, const char* path, const posix_spawn_file_actions_t* actions,
                  const posix_spawnattr_t* attributes, char* const* arguments,
                  char* const* environment),
                 process, path, actions, attributes, arguments, environment)
REPRISE_OBSERVED(kProcess, int, posix_spawnp,
                 (pid_t * process, const char* path, const posix_spawn_file_actions_t* actions,
                  const posix_spawnattr_t* attributes, char* const* arguments,
                  char* const* environment),
                 process, path, actions, attributes, arguments, environment)
