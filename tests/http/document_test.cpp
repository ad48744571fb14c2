// docs/tmp_http.md and the code say the same: its tables and vectors are read from the page.

#include <gtest/gtest.h>

#include <fstream>

#include "http/field_table.h"
#include "tests/http/exchange_transcript.h"

namespace ringway::http {
namespace {

using Direction = ExchangeReader::Direction;

std::vector<std::string> page() {
  std::ifstream in(RINGWAY_SOURCE_DIR "/docs/tmp_http.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The rows of the table under a heading, without its head, each as its cells.
std::vector<std::vector<std::string>> table_under(std::string_view heading) {
  std::vector<std::vector<std::string>> rows;
  bool here = false;
  for (const std::string& line : page()) {
    if (line.rfind('#', 0) == 0) here = line == heading;
    if (!here || line.rfind("| ", 0) != 0 || line.rfind("| ---", 0) == 0 || line.rfind("| number", 0) == 0) continue;
    std::vector<std::string> cells;
    std::size_t at = 2;
    while (at < line.size()) {
      const std::size_t end = line.find(" |", at);
      cells.push_back(line.substr(at, end - at));
      at = end + 3;
    }
    rows.push_back(cells);
  }
  return rows;
}

TEST(Document, NamesHaveTheirNumbers) {
  const auto rows = table_under("### Names");
  ASSERT_EQ(rows.size(), kStaticNames);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), 2U);
    EXPECT_EQ(rows[i][0], std::to_string(i + 1));
    EXPECT_EQ(rows[i][1], static_name(i + 1));
  }
}

TEST(Document, PairsHaveTheirNumbers) {
  const auto rows = table_under("### Pairs");
  ASSERT_EQ(rows.size(), kStaticPairs);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), 3U);
    EXPECT_EQ(rows[i][0], std::to_string(i));
    EXPECT_EQ(rows[i][1], static_pair(i).name);
    EXPECT_EQ(rows[i][2], "`" + std::string(static_pair(i).value) + "`");
  }
}

struct Vector {
  std::string kind;  // "request" or "response", " read" where it is only to be read
  std::string octets;
  std::string text;
};

std::string from_hex(std::string_view hex) {
  std::string octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return octets;
}

/// As the page writes it: what is no visible ASCII in hexadecimal.
std::string escaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<std::uint8_t>(text[i]);
    // A line end ends a line of the transcript, unless one follows: then it is the content's own.
    const bool own = octet == '\n' && i + 1 < text.size() && text[i + 1] == '\n';
    if ((octet >= 0x20 && octet < 0x7f) || (octet == '\n' && !own)) {
      out.push_back(text[i]);
    } else {
      out += "\\x" + to_hex(as_bytes(std::string_view(text).substr(i, 1)));
    }
  }
  return out;
}

std::vector<Vector> vectors() {
  constexpr std::string_view kFence = "```vector ";
  std::vector<Vector> all;
  bool here = false;
  bool in_text = false;
  for (const std::string& line : page()) {
    if (line.rfind(kFence, 0) == 0) {
      all.push_back({line.substr(kFence.size()), "", ""});
      here = true;
      in_text = false;
    } else if (line == "```") {
      here = false;
    } else if (here && line == "---") {
      in_text = true;
    } else if (here) {
      if (in_text) {
        all.back().text += line + "\n";
      } else {
        all.back().octets += from_hex(line);
      }
    }
  }
  return all;
}

/// Writes again what it reads.
class Rewriter final : public ExchangeEvents {
 public:
  explicit Rewriter(Direction direction) : reader(direction, *this) {}
  void on_exchange_request(RequestHead head, Content content, RequestContext context) override {
    writer_.request_head(out, head, content, context);
  }
  void on_exchange_interim(ResponseHead head) override { writer_.interim_head(out, head); }
  void on_exchange_response(ResponseHead head, Content content, ResponseContext context) override {
    writer_.response_head(out, head, content, context);
  }
  void on_exchange_content(Slice data) override { writer_.content(out, std::move(data)); }
  void on_exchange_complete(Fields trailers) override { writer_.complete(out, trailers); }

  ByteQueue out;
  ExchangeReader reader;

 private:
  ExchangeWriter writer_;
};

TEST(Document, VectorsAreReadAndWritten) {
  const std::vector<Vector> all = vectors();
  ASSERT_EQ(all.size(), 7U);
  for (const Vector& vector : all) {
    SCOPED_TRACE(vector.text);
    const Direction direction = vector.kind.rfind("request", 0) == 0 ? Direction::request : Direction::response;
    for_each_split(vector.octets.size(), [&](const std::vector<std::size_t>& cuts) {
      ASSERT_EQ(escaped(read_exchange(direction, vector.octets, cuts)), vector.text);
    });
    if (vector.kind.find(" read") != std::string::npos) continue;
    Rewriter rewriter(direction);
    EXPECT_TRUE(rewriter.reader.feed(slice_of(vector.octets)).ok());
    EXPECT_EQ(to_hex(as_bytes(rewriter.out.text())), to_hex(as_bytes(vector.octets)));
  }
}

}  // namespace
}  // namespace ringway::http
