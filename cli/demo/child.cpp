#include "cli/demo/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "base/file.h"

namespace ringway::cli {

namespace {

constexpr std::size_t kMaxLogOctets = 16U << 20;
constexpr Duration kLook = std::chrono::milliseconds(10);
constexpr int kCannotRun = 127;

/// In the new process: nothing but what signal-safety(7) allows.
[[noreturn]] void become(char* const* words, const char* directory, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent || ::chdir(directory) != 0) ::_exit(kCannotRun);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // Ctrl-C is the demo's to hear: it ends its processes in order.
  ::setpgid(0, 0);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv("/proc/self/exe", words);
  ::_exit(kCannotRun);
}

}  // namespace

Result<std::unique_ptr<Child>> Child::start(std::string name, const std::vector<std::string>& words,
                                            const std::string& directory) {
  std::string log = directory + "/" + name + ".log";
  const int descriptor = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return internal_error(log + ": " + std::strerror(errno));
  std::vector<std::string> all = {"ringway"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  pointers.reserve(all.size() + 1);
  for (std::string& word : all) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process == 0) become(pointers.data(), directory.c_str(), descriptor, parent);
  ::close(descriptor);
  if (process < 0) return internal_error(std::string("no process can be made: ") + std::strerror(errno));
  return std::unique_ptr<Child>(new Child(std::move(name), std::move(log), process));
}

Child::~Child() {
  if (!running()) return;
  signal(SIGKILL);
  wait(std::chrono::seconds(5));
}

void Child::signal(int number) const {
  if (!ended_) ::kill(process_, number);
}

bool Child::running() {
  if (ended_) return false;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return true;
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

bool Child::wait(Duration limit) {
  for (Duration waited{}; running(); waited += kLook) {
    if (waited >= limit) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

std::string Child::output() const {
  const Result<std::string> text = read_file(log_, kMaxLogOctets);
  return text ? *text : std::string();
}

}  // namespace ringway::cli
