// Every family of calls: seen in handler code with its line, not seen in a step body, and forwarded
// outside runs.

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <locale.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <random>
#include <string>
#include <thread>

#include "reprise/guard/guard_test_support.h"
#include "reprise/testing/testing.h"

namespace {

using guard_test::calls;
using reprise::DurableContext;
using reprise::RunRecord;
using reprise::Scenario;
using reprise::Task;
using testing::ElementsAre;
using testing::IsEmpty;

/// One way to make an ambient call.  A macro, so that the call is on the line that is expected.
struct Case {
  std::string name;
  std::function<RunRecord()> in_handler;
  std::function<RunRecord()> in_body;
  std::function<void()> outside;
  std::string expected;
};

RunRecord run_once(Scenario& scenario) { return reprise::run(scenario, reprise::Schedule()); }

#define CASE(name, function, ...)                                        \
  Case {                                                                 \
    name,                                                                \
        [] {                                                             \
          const auto handler = [](DurableContext) -> Task<> {            \
            __VA_ARGS__;                                                 \
            co_return;                                                   \
          };                                                             \
          Scenario scenario("probe", handler);                           \
          return run_once(scenario);                                     \
        },                                                               \
        [] {                                                             \
          const auto handler = [](DurableContext ctx) -> Task<> {        \
            co_await ctx.step("body", [] { __VA_ARGS__; });              \
          };                                                             \
          Scenario scenario("probe", handler);                           \
          return run_once(scenario);                                     \
        },                                                               \
        [] { __VA_ARGS__; }, std::string(function) + " at " + LINE_AT(0) \
  }

volatile long sink = 0;  // so that no compiler leaves a call out

char* buffer() {
  static char bytes[8];
  return bytes;
}

// A line each, because the line is what is expected.
// clang-format off
std::vector<Case> cases() {
  using SystemClock = std::chrono::system_clock;
  using SteadyClock = std::chrono::steady_clock;
  return {
      CASE("Time", "time", sink = time(nullptr)),
      CASE("SystemClock", "clock_gettime", sink = SystemClock::now().time_since_epoch().count()),
      CASE("SteadyClock", "clock_gettime", sink = SteadyClock::now().time_since_epoch().count()),
      CASE("AbslNow", "clock_gettime", sink = absl::ToUnixNanos(absl::Now())),
      CASE("GetTimeOfDay", "gettimeofday", timeval now = {}; sink = gettimeofday(&now, nullptr)),
      CASE("TimespecGet", "timespec_get", timespec now = {}; sink = timespec_get(&now, TIME_UTC)),
      CASE("Clock", "clock", sink = clock()),
      CASE("Rand", "rand", sink = rand()),
      CASE("Random", "random", sink = random()),
      CASE("Drand48", "drand48", sink = static_cast<long>(drand48())),
      CASE("Lrand48", "lrand48", sink = lrand48()),
      CASE("Mrand48", "mrand48", sink = mrand48()),
      CASE("Arc4Random", "arc4random", sink = arc4random()),
      CASE("Arc4RandomUniform", "arc4random_uniform", sink = arc4random_uniform(7)),
      CASE("Arc4RandomBuffer", "arc4random_buf", arc4random_buf(buffer(), 8)),
      CASE("RandomDevice", "std::random_device", std::random_device device; sink = device()),
      CASE("GetRandom", "getrandom", sink = getrandom(buffer(), 8, 0)),
      CASE("GetEntropy", "getentropy", sink = getentropy(buffer(), 8)),
      CASE("GetEnv", "getenv", sink = getenv("GUARD_TEST_UNSET") != nullptr),
      CASE("SecureGetEnv", "secure_getenv", sink = secure_getenv("GUARD_TEST_UNSET") != nullptr),
      CASE("LocalTime", "localtime", time_t at = 0; sink = localtime(&at) != nullptr),
      CASE("LocalTimeR", "localtime_r", time_t at{}; tm to; sink = localtime_r(&at, &to)->tm_year),
      CASE("MkTime", "mktime", tm to = {}; sink = mktime(&to)),
      CASE("SetLocale", "setlocale", sink = setlocale(LC_ALL, nullptr) != nullptr),
      CASE("GetHostName", "gethostname", char name[256]; sink = gethostname(name, sizeof name)),
      CASE("Uname", "uname", utsname name; sink = uname(&name)),
      CASE("HardwareConcurrency", "get_nprocs", sink = std::thread::hardware_concurrency()),
      CASE("GetPid", "getpid", sink = getpid()),
      CASE("Open", "open", sink = close(open("/dev/null", O_RDONLY))),
      CASE("OpenAt", "openat", sink = close(openat(AT_FDCWD, "/dev/null", O_RDONLY))),
      CASE("FOpen", "fopen", sink = fclose(fopen("/dev/null", "r"))),
      CASE("FileStream", "fopen64", std::ifstream file("/dev/null"); sink = file.good()),
      CASE("Exists", "stat", sink = std::filesystem::exists("/dev/null")),
      CASE("OpenDir", "opendir", sink = closedir(opendir("/"))),
      CASE("Access", "access", sink = access("/dev/null", R_OK)),
      CASE("Socket", "socket", sink = close(socket(AF_INET, SOCK_DGRAM, 0))),
      CASE("System", "system", sink = system("true")),
      CASE("SleepFor", "nanosleep", std::this_thread::sleep_for(std::chrono::microseconds(1))),
      CASE("Usleep", "usleep", sink = usleep(1)),
      CASE("Thread", "pthread_create", std::thread([] {}).join()),
      CASE("Async", "pthread_create", std::async(std::launch::async, [] {}).get()),
  };
}
// clang-format on

class Families : public testing::TestWithParam<Case> {};

TEST_P(Families, IsSeenInHandlerCodeWithItsLine) {
  EXPECT_THAT(calls(GetParam().in_handler()), ElementsAre(GetParam().expected));
}

TEST_P(Families, IsNotReportedInAStepBody) { EXPECT_THAT(calls(GetParam().in_body()), IsEmpty()); }

TEST_P(Families, IsForwardedOutsideRuns) { GetParam().outside(); }

INSTANTIATE_TEST_SUITE_P(Guard, Families, testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
