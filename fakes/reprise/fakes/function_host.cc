#include "reprise/fakes/function_host.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "reprise/world/effect.h"

namespace reprise::fakes {
namespace {

constexpr const char* kCold = "a cold environment";

}  // namespace

// All that the value consists of.
bool FunctionHost::Process::alike(const Process& other) const {
  return function == other.function && last == other.last && tenant == other.tenant &&
         tenants == other.tenants && busy == other.busy && memory == other.memory;
}

bool operator==(const FunctionHost& a, const FunctionHost& b) {
  return std::equal(a.processes_.begin(), a.processes_.end(), b.processes_.begin(),
                    b.processes_.end(), [](const auto& x, const auto& y) { return x.alike(y); });
}

FunctionHost& FunctionHost::add(const std::string& function, HostedFunction hosted) {
  functions_[function] = hosted;
  return *this;
}

HostedFunction FunctionHost::hosted(const std::string& function) const {
  const auto found = functions_.find(function);
  return found == functions_.end() ? HostedFunction() : found->second;
}

FunctionConfig FunctionHost::config(const std::string& function) const {
  FunctionConfig config;
  config.name = function;
  config.per_tenant = hosted(function).per_tenant;
  return config;
}

bool FunctionHost::may_serve(const Process& process, const ArrivingInvocation& invocation) const {
  if (process.busy > 0 || process.function != invocation.function) return false;
  return !hosted(invocation.function).per_tenant || process.tenant == invocation.tenant;
}

// Null: a cold one, made for the purpose.
std::vector<std::pair<std::string, const FunctionHost::Process*>> FunctionHost::choices(
    const ArrivingInvocation& invocation) const {
  const HostedFunction function = hosted(invocation.function);
  if (function.per_tenant && invocation.tenant.empty()) {
    throw std::logic_error("an invocation of " + invocation.function +
                           " has no tenant: register the function with FunctionHost::config");
  }
  const auto in_use =
      std::count_if(processes_.begin(), processes_.end(), [&](const Process& process) {
        return process.busy > 0 && process.function == invocation.function;
      });
  if (function.reserved_concurrency && in_use >= *function.reserved_concurrency) return {};
  std::vector<std::pair<std::string, const Process*>> choices;
  choices.emplace_back(kCold, nullptr);
  std::map<std::string, int> names;
  for (const Process& process : processes_) {
    if (!may_serve(process, invocation)) continue;
    // The number belongs to the name, whether or not the one before it is a choice.
    const int number = ++names[process.last];
    const bool own = process.last == invocation.execution;
    const bool known = std::any_of(choices.begin(), choices.end(), [&](const auto& choice) {
      return choice.second != nullptr && choice.second->memory == process.memory &&
             choice.second->tenants == process.tenants;
    });
    if (known && !own) continue;
    std::string name = "the environment of " + process.last;
    if (number > 1) name += " (" + std::to_string(number) + ")";
    choices.emplace_back(std::move(name), &process);
  }
  const auto own = std::find_if(choices.begin(), choices.end(), [&](const auto& choice) {
    return choice.second != nullptr && choice.second->last == invocation.execution;
  });
  if (own != choices.end()) std::rotate(choices.begin(), own, own + 1);
  return choices;
}

std::vector<std::string> FunctionHost::candidates(const ArrivingInvocation& invocation) const {
  std::vector<std::string> names;
  for (const auto& choice : choices(invocation)) names.push_back(choice.first);
  return names;
}

void FunctionHost::occupy(const ArrivingInvocation& invocation, const std::string& environment) {
  const auto all = choices(invocation);
  const auto chosen = std::find_if(all.begin(), all.end(),
                                   [&](const auto& choice) { return choice.first == environment; });
  if (chosen == all.end()) {
    throw std::logic_error(environment + " does not serve " + invocation.execution);
  }
  std::size_t index = processes_.size();
  if (chosen->second != nullptr) {
    index = static_cast<std::size_t>(chosen->second - processes_.data());
  } else {
    Process& made = processes_.emplace_back();
    made.function = invocation.function;
    made.name = invocation.function + "/" + invocation.execution + "/" +
                std::to_string(++made_[invocation.execution]);
  }
  const auto busy = std::count_if(processes_.begin(), processes_.end(),
                                  [](const Process& each) { return each.busy > 0; });
  Process& process = processes_[index];
  process.last = invocation.execution;
  process.tenant = invocation.tenant;
  process.tenants.insert(invocation.tenant);
  process.busy = static_cast<int>(busy) + 1;
  settle();
}

void FunctionHost::release(bool alive) {
  Process& process = running();
  if (alive) {
    process.busy = 0;
  } else {
    processes_.erase(processes_.begin() + (&process - processes_.data()));
  }
  settle();
}

void FunctionHost::lose_busy() {
  std::erase_if(processes_, [](const Process& process) { return process.busy > 0; });
}

void FunctionHost::retire() {
  processes_.clear();
  made_.clear();
}

// Which was made first is nothing that matters.
void FunctionHost::settle() {
  const auto key = [](const Process& each) {
    return std::tie(each.function, each.last, each.tenant, each.tenants, each.busy);
  };
  std::stable_sort(processes_.begin(), processes_.end(),
                   [&](const Process& a, const Process& b) { return key(a) < key(b); });
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    for (std::size_t j = processes_.size(); j-- > i + 1;) {
      if (processes_[i].busy > 0 || !processes_[i].alike(processes_[j])) continue;
      processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

const FunctionHost::Process& FunctionHost::running() const {
  const Process* running = nullptr;
  for (const Process& process : processes_) {
    if (process.busy > (running != nullptr ? running->busy : 0)) running = &process;
  }
  if (running == nullptr) {
    throw std::logic_error("no environment runs: is the host given to Scenario::environments?");
  }
  return *running;
}

FunctionHost::Process& FunctionHost::running() {
  return const_cast<Process&>(std::as_const(*this).running());
}

std::string FunctionHost::tenant() const { return running().tenant; }

std::string FunctionHost::environment_name() const {
  const Process& process = running();
  EffectSink* sink = EffectSink::current();
  const bool recorded = sink != nullptr && sink->ambient_scope().region != CodeRegion::kHandler;
  return recorded ? process.function : process.name;
}

std::size_t FunctionHost::environments(const std::string& function) const {
  return static_cast<std::size_t>(
      std::count_if(processes_.begin(), processes_.end(),
                    [&](const Process& process) { return process.function == function; }));
}

bool FunctionHost::any_served_two_tenants() const {
  return std::any_of(processes_.begin(), processes_.end(),
                     [](const Process& process) { return process.tenants.size() > 1; });
}

}  // namespace reprise::fakes
