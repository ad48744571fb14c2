#include "manager/rest/written_changes.h"

#include "base/config_reader.h"

namespace ringway::manager {

config::Type<std::vector<WrittenChange>> written_changes(std::size_t least, std::size_t most) {
  return config::list<WrittenChange>(
      config::Object<WrittenChange>("change")
          .required("kind", &WrittenChange::kind, config::identifier(), "As in paths: sites, pops …")
          .required("name", &WrittenChange::name, config::identifier(), "Which one.")
          .optional("content", &WrittenChange::content, config::any_json(),
                    "What it is to be; null or left out: it is to go."),
      least, most);
}

std::vector<Change> changes_of(const std::vector<WrittenChange>& written) {
  std::vector<Change> changes;
  for (const WrittenChange& each : written) {
    const bool goes = each.content.empty() || each.content == "null";
    changes.push_back({each.kind, each.name, goes ? std::nullopt : std::optional(each.content)});
  }
  return changes;
}

}  // namespace ringway::manager
