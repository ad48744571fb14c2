#pragma once
// The typed schema of configuration: one declarative description per struct says its keys, types, ranges,
// defaults and documentation, and from it come the reader of files, the writer of JSON and the reference page.
//
//   Type<Listener> listener() {
//     return Object<Listener>("listener")
//         .required("address", &Listener::address, socket_address(), "Where clients connect.")
//         .optional("tls", &Listener::tls, maybe(server_tls()), "Its certificate; none: plain HTTP.");
//   }
//
// An optional key that is left out keeps what its struct's member is initialised with: that is its default.

#include <memory>
#include <string>

#include "base/config_list.h"
#include "base/config_object.h"
#include "base/config_scalar.h"
#include "base/config_tree.h"
#include "base/config_type.h"
#include "base/file.h"
#include "base/result.h"

namespace ringway::config {

enum class Files : std::uint8_t { must_be_readable, not_looked_at };

/// A snapshot from `text`, or an error whose message is the report of everything that is wrong with it.
/// `file` is what messages call the text; relative paths in it are relative to that file's directory.
template <class T>
Result<std::shared_ptr<const T>> read_text(const Type<T>& type, const std::string& text, const std::string& file,
                                           Files files) {
  Report report(file, text);
  Context context{report, directory_of(file), files == Files::must_be_readable};
  const std::optional<TreeNode> tree = parse_tree(text, report);
  auto value = std::make_shared<T>();
  if (tree) type->read(context, *tree, *value);
  if (!report.empty()) return internal_error(report.text());
  return std::shared_ptr<const T>(std::move(value));
}

/// read_text() of a file, whose own files must be readable.
template <class T>
Result<std::shared_ptr<const T>> read_settings(const Type<T>& type, const std::string& path) {
  const Result<std::string> text = read_file(path, kMaxTextOctets);
  if (!text) return text.error();
  return read_text(type, *text, path, Files::must_be_readable);
}

/// The reference of every key of `root` as a page of Markdown, an object a section.
std::string reference_page(const Description& root);

}  // namespace ringway::config
