#include "base/config_scalar.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cstdio>

#include "base/config_json.h"

namespace ringway::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest first: a value is written with the largest that divides it.
constexpr std::array<Unit, 7> kOctetUnits = {Unit{"GiB", 1ULL << 30},
                                             Unit{"GB", 1000000000},
                                             Unit{"MiB", 1ULL << 20},
                                             Unit{"MB", 1000000},
                                             Unit{"KiB", 1ULL << 10},
                                             Unit{"kB", 1000},
                                             Unit{"", 1}};
constexpr std::array<Unit, 7> kTimeUnits = {
    Unit{"d", 86400000000000}, Unit{"h", 3600000000000}, Unit{"m", 60000000000}, Unit{"s", 1000000000},
    Unit{"ms", 1000000},       Unit{"us", 1000},         Unit{"ns", 1}};

template <std::size_t N>
std::string with_unit(std::uint64_t value, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (value % unit.factor == 0 && value != 0) return fmt::format("{}{}", value / unit.factor, unit.name);
  }
  return "0";
}

/// Digits and a unit; nothing where it is anything else or does not fit.
template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(const std::string& text, const std::array<Unit, N>& units) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  const std::optional<std::uint64_t> number = parse_decimal(std::string_view(text).substr(0, digits));
  const std::string_view name =
      digits == std::string::npos ? std::string_view() : std::string_view(text).substr(digits);
  if (!number) return std::nullopt;
  if (*number == 0 && name.empty()) return 0;
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

std::string duration_text(Duration value) { return with_unit(static_cast<std::uint64_t>(value.count()), kTimeUnits); }

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// Letters and digits with any of `marks` between them.
bool is_word(std::string_view text, std::string_view marks) {
  if (text.empty() || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_alphanumeric(c) || marks.find(c) != std::string_view::npos; });
}

bool is_host_name(std::string_view text) {
  if (text.size() > 253) return false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    const std::string_view label = text.substr(begin, end - begin);
    if (label.size() > 63 || !is_word(label, "-_")) return false;
    begin = end + 1;
  }
  return true;
}

Description named(std::string name, std::string range = {}) {
  Description description;
  description.name = std::move(name);
  description.range = std::move(range);
  return description;
}

std::string same(const std::string& text) { return text; }

/// The description says already what is expected.
template <class T>
Result<T> without_reason(Result<T> result) {
  return result ? std::move(result) : internal_error("");
}

Result<std::string> checked_host(const std::string& text) {
  std::string lower = to_lower(text);
  const std::string_view name = std::string_view(lower).substr(lower.starts_with("*.") ? 2 : 0);
  if (is_host_name(name)) return lower;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']' &&
      IpAddress::parse(lower.substr(1, lower.size() - 2))) {
    return lower;
  }
  return internal_error("");
}

bool can_be_read(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return false;
  std::fgetc(file);  // a directory can be opened, but not read
  const bool good = std::ferror(file) == 0;
  std::fclose(file);
  return good;
}

/// A value that is not looked into.
class AnyJson final : public TypeBase<std::string> {
 public:
  AnyJson() {
    description.shape = Shape::any;
    description.name = "value";
  }
  bool read(Context& /*context*/, const TreeNode& node, std::string& out) const override {
    out = json_text(node);
    return true;
  }
  [[nodiscard]] std::string json(const std::string& value) const override { return value.empty() ? "null" : value; }
};

/// A path of a file.
class FilePath final : public TypeBase<std::string> {
 public:
  enum class Use : std::uint8_t { read, written };
  explicit FilePath(Use use) : TypeBase(named("file")), use_(use) {}

  bool read(Context& context, const TreeNode& node, std::string& out) const override {
    const std::string* text = scalar_of(context, node, description);
    if (text == nullptr) return false;
    if (text->empty() || !is_printable(*text)) {
      report_value(context, node, "", description);
      return false;
    }
    out = text->starts_with('/') ? *text : context.directory + *text;
    if (use_ == Use::written || !context.files_must_be_readable || can_be_read(out)) return true;
    context.report.add(node.place, fmt::format("cannot read the file {}", out));
    return false;
  }

  [[nodiscard]] std::string json(const std::string& value) const override { return json_quote(value); }

 private:
  Use use_;
};

}  // namespace

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

const std::string* scalar_of(Context& context, const TreeNode& node, const Description& expected) {
  if (node.kind == TreeNode::Kind::scalar) return &node.scalar;
  context.report.add(node.place, fmt::format("expected a {}, not {}", expected.name, kind_name(node.kind)),
                     expected.range.empty() ? "" : fmt::format("a {} is {}", expected.name, expected.range));
  return nullptr;
}

void report_value(Context& context, const TreeNode& node, const std::string& why, const Description& expected) {
  std::string message = fmt::format("\"{}\" is no {}", node.scalar, expected.name);
  if (!expected.range.empty()) message += fmt::format(" ({})", expected.range);
  if (!expected.allowed.empty()) message = fmt::format("\"{}\" is not allowed here", node.scalar);
  if (!why.empty()) message += ": " + why;
  std::string hint;
  if (!expected.allowed.empty()) {
    const std::string near = did_you_mean(node.scalar, expected.allowed);
    hint = fmt::format("allowed: {}", fmt::join(expected.allowed, ", "));
    if (!near.empty() && near != node.scalar) hint = fmt::format("did you mean \"{}\"? ({})", near, hint);
  }
  context.report.add(node.place, std::move(message), std::move(hint));
}

Result<std::uint64_t> parse_number(const std::string& text, std::uint64_t least, std::uint64_t most) {
  const std::optional<std::uint64_t> number = parse_decimal(text);
  if (!number || *number < least || *number > most) return internal_error("");
  return *number;
}

Result<std::uint64_t> parse_octets(const std::string& text, std::uint64_t least, std::uint64_t most) {
  const std::optional<std::uint64_t> number = parse_with_unit(text, kOctetUnits);
  if (!number || *number < least || *number > most) return internal_error("");
  return *number;
}

std::string octets_text(std::uint64_t octets, std::uint64_t unlimited) {
  return octets == unlimited ? "unlimited" : with_unit(octets, kOctetUnits);
}

Description range_description(std::string name, std::uint64_t least, std::uint64_t most) {
  Description description = named(std::move(name), fmt::format("{} to {}", least, most));
  description.shape = Shape::number;
  description.least = static_cast<double>(least);
  description.most = static_cast<double>(most);
  return description;
}

Description octets_description(std::uint64_t least, std::uint64_t most, std::uint64_t unlimited) {
  const std::string upper = octets_text(most, unlimited);
  return named("size", fmt::format("{} to {}, like 512, 64kB or 16MiB", octets_text(least, unlimited), upper));
}

Type<bool> boolean() {
  Description description = named("word");
  description.shape = Shape::boolean;
  description.allowed = {"true", "false"};
  return std::make_shared<Scalar<bool>>(
      std::move(description), Form::plain,
      [](const std::string& text) -> Result<bool> {
        if (text == "true") return true;
        if (text == "false") return false;
        return internal_error("");
      },
      [](const bool& value) { return std::string(value ? "true" : "false"); });
}

Type<double> fraction(double least, double most) {
  Description description = named("fraction", fmt::format("{} to {}", least, most));
  description.shape = Shape::real;
  description.least = least;
  description.most = most;
  return std::make_shared<Scalar<double>>(
      std::move(description), Form::plain,
      [least, most](const std::string& text) -> Result<double> {
        double value = 0;
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = fault == std::errc() && end == text.data() + text.size();
        if (!whole || !(value >= least && value <= most)) return internal_error("");
        return value;
      },
      [](const double& value) { return fmt::format("{}", value); });
}

Type<Duration> duration(Duration least, Duration most) {
  return std::make_shared<Scalar<Duration>>(
      named("duration", fmt::format("{} to {}, like 250ms, 10s, 5m or 2h", duration_text(least), duration_text(most))),
      Form::text,
      [least, most](const std::string& text) -> Result<Duration> {
        const std::optional<std::uint64_t> count = parse_with_unit(text, kTimeUnits);
        const auto bound = [](Duration value) { return static_cast<std::uint64_t>(value.count()); };
        if (!count && parse_decimal(text)) return internal_error("a unit is missing, like " + text + "s");
        if (!count || *count < bound(least) || *count > bound(most)) return internal_error("");
        return Duration(static_cast<Duration::rep>(*count));
      },
      duration_text);
}

Type<std::string> text(std::size_t most_octets) {
  return std::make_shared<Scalar<std::string>>(
      named("text", fmt::format("1 to {} printable characters", most_octets)), Form::text,
      [most_octets](const std::string& text) -> Result<std::string> {
        if (text.empty() || text.size() > most_octets || !is_printable(text)) return internal_error("");
        return text;
      },
      same);
}

Type<std::string> any_text() {
  return std::make_shared<Scalar<std::string>>(
      named("text", "any characters"), Form::text, [](const std::string& text) -> Result<std::string> { return text; },
      same);
}

Type<std::string> identifier() {
  return std::make_shared<Scalar<std::string>>(
      named("name", "1 to 63 letters, digits, \"-\", \"_\" and \".\", the first a letter or digit"), Form::text,
      [](const std::string& text) -> Result<std::string> {
        if (text.size() > 63 || !is_word(text + "0", "-_.")) return internal_error("");
        return text;
      },
      same);
}

Type<std::string> host_pattern() {
  return std::make_shared<Scalar<std::string>>(
      named("host", "without a port: shop.test, *.shop.test, 192.0.2.1 or [2001:db8::1]"), Form::text, checked_host,
      same);
}

Type<SocketAddress> socket_address() {
  return std::make_shared<Scalar<SocketAddress>>(
      named("address", "like 192.0.2.1:80 or [2001:db8::1]:80"), Form::text,
      [](const std::string& text) { return without_reason(SocketAddress::parse(text)); },
      [](const SocketAddress& value) { return value.text(); });
}

Type<IpAddress> ip_address() {
  return std::make_shared<Scalar<IpAddress>>(
      named("IP address", "like 192.0.2.1 or 2001:db8::1"), Form::text,
      [](const std::string& text) { return without_reason(IpAddress::parse(text)); },
      [](const IpAddress& value) { return value.text(); });
}

Type<IpNetwork> network() {
  return std::make_shared<Scalar<IpNetwork>>(
      named("network", "like 192.0.2.0/24, 2001:db8::/32 or 192.0.2.1"), Form::text,
      [](const std::string& text) { return without_reason(IpNetwork::parse(text)); },
      [](const IpNetwork& value) { return value.text(); });
}

Type<std::string> any_json() { return std::make_shared<AnyJson>(); }

Type<std::string> readable_file() { return std::make_shared<FilePath>(FilePath::Use::read); }
Type<std::string> written_file() { return std::make_shared<FilePath>(FilePath::Use::written); }

}  // namespace ringway::config
