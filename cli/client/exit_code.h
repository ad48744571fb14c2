#pragma once
// How a command that asks a manager ends, for scripts. These numbers do not change.

namespace ringway::cli::client {

enum ExitCode : int {
  kFine = 0,
  kFailed = 1,      // the manager said no, or what was asked for did not come about
  kUsage = 2,       // the command line, or a file that it names, is wrong
  kNotThere = 3,    // what is asked about does not exist
  kNotAllowed = 4,  // no token, a wrong one, or one that may not do this
  kNoAnswer = 5,    // the manager cannot be reached, or cannot write now
  kChanged = 6,     // somebody changed it meanwhile: look again
  kDiffers = 7,     // `diff` found differences
};

}  // namespace ringway::cli::client
