#include "indexer/evaluate/session_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <numeric>

#include "indexer/support/files.h"

namespace vitrine {
namespace {

// Calls visit(fields, line number) for each line that is not empty; fields are split at tabs.
Status ForEachLine(const std::filesystem::path& path, std::string_view form,
                   const std::function<Status(const std::array<std::string_view, 3>&,
                                              const std::string& where)>& visit) {
  VITRINE_ASSIGN(MappedFile file, MappedFile::Open(path));
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::string where = path.string() + ":" + std::to_string(number) + ": ";
    const size_t first = line.find('\t');
    const size_t second = first == line.npos ? line.npos : line.find('\t', first + 1);
    if (second == line.npos) return Error{where + "needs three fields: " + std::string(form)};
    VITRINE_RETURN_IF_ERROR(
        visit({line.substr(0, first), line.substr(first + 1, second - first - 1),
               line.substr(second + 1)},
              where));
  }
  return Ok();
}

Result<int64_t> ParseInteger(std::string_view text, const std::string& where,
                             std::string_view field) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error{where + std::string(field) + " is not a whole number: '" + std::string(text) +
                 "'"};
  }
  return value;
}

constexpr std::string_view kSessionForm = "session_id<TAB>time_seconds<TAB>item item …";

Result<SessionLog> ReadSessions(const std::filesystem::path& path,
                                const std::function<ItemIndex(std::string_view)>& item_of) {
  SessionLog log;
  VITRINE_RETURN_IF_ERROR(ForEachLine(
      path, kSessionForm,
      [&](const std::array<std::string_view, 3>& fields, const std::string& where) -> Status {
        VITRINE_ASSIGN(const int64_t time, ParseInteger(fields[1], where, "time_seconds"));
        log.id.emplace_back(fields[0]);
        log.time_seconds.push_back(time);
        std::string_view items = fields[2];
        while (!items.empty()) {
          const std::string_view item = items.substr(0, items.find(' '));
          items.remove_prefix(std::min(items.size(), item.size() + 1));
          if (!item.empty()) log.items.push_back(item_of(item));
        }
        log.offset.push_back(log.items.size());
        return Ok();
      }));
  return log;
}

}  // namespace

ItemIndex ItemNames::Add(std::string_view name) {
  const ItemIndex known = Find(name);
  if (known != kNoItem) return known;
  const ItemIndex item = size();
  names_.emplace_back(name);
  index_.emplace(name, item);
  return item;
}

ItemIndex ItemNames::Find(std::string_view name) const {
  const auto at = index_.find(name);
  return at == index_.end() ? kNoItem : at->second;
}

Result<SessionLog> ReadTrainingSessions(const std::filesystem::path& path, ItemNames& names) {
  VITRINE_ASSIGN(SessionLog log,
                 ReadSessions(path, [&](std::string_view item) { return names.Add(item); }));
  if (log.items.empty()) return Error{path.string() + ": no training session has an item"};
  return log;
}

Result<SessionLog> ReadTestSessions(const std::filesystem::path& path, const ItemNames& names) {
  return ReadSessions(path, [&](std::string_view item) { return names.Find(item); });
}

Result<std::vector<Case>> ReadCases(const std::filesystem::path& path, const SessionLog& test,
                                    const ItemNames& names) {
  std::unordered_map<std::string_view, size_t> session_of;
  for (size_t s = 0; s < test.size(); ++s) session_of.emplace(test.id[s], s);
  std::vector<Case> cases;
  VITRINE_RETURN_IF_ERROR(ForEachLine(
      path, "session_id<TAB>t<TAB>target",
      [&](const std::array<std::string_view, 3>& fields, const std::string& where) -> Status {
        VITRINE_ASSIGN(const int64_t t, ParseInteger(fields[1], where, "t"));
        const auto session = session_of.find(fields[0]);
        if (session == session_of.end()) {
          return Error{where + "session '" + std::string(fields[0]) + "' is not in the test file"};
        }
        const size_t length = test.session(session->second).size();
        if (t < 0 || static_cast<uint64_t>(t) >= length) {
          return Error{where + "t = " + std::to_string(t) + " must be from 0 to " +
                       std::to_string(length) + " - 1, the session's length less one"};
        }
        cases.push_back({session->second, static_cast<uint32_t>(t), names.Find(fields[2])});
        return Ok();
      }));
  if (cases.empty()) return Error{path.string() + ": no cases"};
  return cases;
}

Shop ShopOfSessions(const SessionLog& log, uint32_t item_count) {
  Shop shop;
  shop.products.resize(item_count);
  shop.users.resize(log.size());
  std::vector<size_t> order(log.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return log.time_seconds[a] < log.time_seconds[b]; });
  for (uint32_t s = 0; s < order.size(); ++s) shop.users[s].id = log.id[order[s]];
  shop.interactions.reserve(log.items.size());
  for (uint32_t s = 0; s < order.size(); ++s) {
    int64_t time = log.time_seconds[order[s]];
    for (ItemIndex item : log.session(order[s])) {
      shop.interactions.push_back({.user = s, .session = s, .item = item, .time_seconds = time++});
    }
  }
  return shop;
}

}  // namespace vitrine
