// ringway top.

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "cli/client/commands.h"
#include "cli/client/status_view.h"

namespace ringway::cli::client {

namespace {

constexpr std::chrono::seconds kRefresh{1};

volatile std::sig_atomic_t end_asked = 0;

void ask_end(int /*signal*/) { end_asked = 1; }

/// The terminal as it must be while it is drawn on: keys come at once, and another screen is shown. Put back at the
/// end.
class DrawnTerminal {
 public:
  explicit DrawnTerminal(Console& console) : console_(console) {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios drawn = before_;
    drawn.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &drawn);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction action {};
      action.sa_handler = ask_end;  // without SA_RESTART: it ends the wait for a key
      ::sigaction(number, &action, nullptr);
    }
    console_.out("\x1b[?1049h\x1b[?25l");
  }
  DrawnTerminal(const DrawnTerminal&) = delete;
  DrawnTerminal& operator=(const DrawnTerminal&) = delete;
  ~DrawnTerminal() {
    console_.out("\x1b[?25h\x1b[?1049l");
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }

  /// Over what is there, without a flicker.
  void draw(const std::string& text) {
    std::string out = "\x1b[H";
    for (const char c : text) out += c == '\n' ? std::string("\x1b[K\n") : std::string(1, c);
    console_.out(out + "\x1b[J");
  }

 private:
  Console& console_;
  termios before_{};
};

/// The key that is pressed within the time; 0 where none is.
char next_key(Duration limit) {
  pollfd waited{STDIN_FILENO, POLLIN, 0};
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(std::max(limit, Duration(0)));
  char key = 0;
  if (::poll(&waited, 1, static_cast<int>(ms.count())) != 1) return 0;
  return ::read(STDIN_FILENO, &key, 1) == 1 ? key : 'q';  // the terminal is gone
}

/// What is to be seen now; a manager that does not answer is said so, and asked again.
std::string screen(Session& session, SortBy sort) {
  Ask ask;
  ask.target = "/v1/status";
  const Result<Answer> answer = session.api().ask(ask);
  if (!answer) return printable(answer.error().message) + "\n";
  if (!answer->good()) return problem_text(read_problem(*answer), nullptr);
  const Result<TreeNode> status = read_json(answer->body);
  if (!status) return status.error().message + "\n";
  return top_text(*status, sort, session.console().size(), session.paint());
}

int watch(Session& session, SortBy sort) {
  DrawnTerminal terminal(session.console());
  while (end_asked == 0) {
    const auto began = std::chrono::steady_clock::now();
    terminal.draw(screen(session, sort));
    for (char key = 1; key != 0 && end_asked == 0;) {
      key = next_key(kRefresh - (std::chrono::steady_clock::now() - began));
      if (key == 'q' || key == 'Q') return kFine;
    }
  }
  return kFine;
}

}  // namespace

int run_top(Session& session, const Arguments& arguments) {
  const Result<SortBy> sort = parse_sort(arguments.get("sort"));
  if (!sort) return session.misused(sort.error().message);
  const bool json = session.output() == Output::json;
  if (!json && !arguments.has("once") && session.console().is_screen()) return watch(session, *sort);
  Ask ask;
  ask.target = "/v1/status";
  const std::optional<Answer> answer = session.ask(ask);
  if (!answer) return session.exit_code();
  const Result<TreeNode> status = read_json(answer->body);
  if (!status) return session.fail(kFailed, status.error().message);
  ScreenSize all = session.console().size();
  all.lines = 100000;
  session.console().out(json ? answer->body : top_text(*status, *sort, all, session.paint()));
  return kFine;
}

}  // namespace ringway::cli::client
