#pragma once
// One gateway's settings out of its file and of what a manager says: the sites of both, and the link's rings and packet
// size where the file is silent on them. Judged as a whole by the file's own schema.

#include <memory>
#include <optional>
#include <string>

#include "agent/content.h"
#include "base/config_reader.h"

namespace ringway::cli {

/// A file and sections as one tree. Sections of other releases' kinds are passed over.
class Composition {
 public:
  /// `text` is that of the file at `path`, and has been found right by itself.
  Composition(std::string path, std::string text, const agent::Sections& sections);

  /// All that is wrong, each with its place in the file, or its section and pointer (RFC 6901) there.
  template <class Settings>
  Result<std::shared_ptr<const Settings>> read(const config::Type<Settings>& type) {
    config::Report report(path_, text_);
    // What a newer manager says and this release does not know is not this release's to do.
    config::Context context{report, config::directory_of(path_), true, config::UnknownKeys::passed_over};
    auto settings = std::make_shared<Settings>();
    if (faults_.empty()) type->read(context, root_, *settings);
    if (faults_.empty() && report.empty()) return std::shared_ptr<const Settings>(std::move(settings));
    return internal_error(faults_ + told(report));
  }

 private:
  struct Part {
    std::string name;
    config::TreeNode tree;  // its places as they are in the composition
  };

  void add(const std::string& name, const std::string& text);
  void add_site(const Part& part);
  void add_link(const Part& part);
  [[nodiscard]] std::string told(const config::Report& report) const;

  std::string path_;
  std::string text_;
  config::TreeNode root_;
  std::vector<Part> parts_;
  std::string faults_;
};

/// The file at `path` with `sections`.
template <class Settings>
Result<std::shared_ptr<const Settings>> compose(const config::Type<Settings>& type, const std::string& path,
                                                const agent::Sections& sections) {
  Result<std::string> text = read_file(path, config::kMaxTextOctets);
  if (!text) return text.error();
  auto local = config::read_text(type, *text, path, config::Files::must_be_readable);
  if (!local || sections.empty()) return local;
  return Composition(path, std::move(*text), sections).read(type);
}

}  // namespace ringway::cli
