#include "indexer/ingest/users.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "indexer/ingest/age_model.h"
#include "indexer/ingest/age_text.h"
#include "indexer/ingest/csv_reader.h"
#include "indexer/ingest/decimal.h"
#include "indexer/ingest/json_reader.h"
#include "indexer/ingest/mapping.h"
#include "indexer/ingest/text.h"
#include "shared/bytes.h"

namespace vitrine {
namespace {

enum Field : size_t { kUser, kAge, kBirthDate, kAnswer, kCity, kRegion };
constexpr size_t kMaxFeatures = 40;

// A number in any form that exports write: "-4.5", "1,299", "EGP 500".
std::optional<std::string> Number(std::string_view text) {
  const bool negative = text.front() == '-';
  std::optional<Money> number = ParseMoney(negative ? text.substr(1) : text);
  if (!number) return {};
  return (negative ? "-" : "") + number->amount;
}

// What a row says about a feature.
struct FeatureColumn {
  std::string name;
  AgeFeatures::Numeric numeric;
  AgeFeatures::Category category;
  StringTable values;
  uint64_t numbers = 0, texts = 0;
};

class UserTable {
 public:
  UserTable(const UserOptions& options, const TimeOptions& times, std::optional<int64_t> as_of,
            IngestReport& report, StringTable& ids)
      : options_(options),
        times_(times),
        as_of_(as_of),
        report_(report),
        ids_(ids),
        users_(options.files.empty() ? 0 : ids.size()) {}

  Status ReadFile(const std::string& path, const RowLog::Listener& listener,
                  const Console& console);
  Status Finish(const std::function<Status(User&&)>& take);

 private:
  struct Entry {
    std::optional<int> age;
    bool age_from_first_row = false, seen = false;
    std::string city, region;
  };

  Status Take(const Record& record, const std::vector<std::string>& columns,
              const FieldMapping& mapping, RowLog& log);
  std::optional<int> Age(const Record& record, const FieldMapping& mapping, RowLog& log);
  void TakeFeatures(const Record& record, const std::vector<std::string>& columns,
                    const FieldMapping& mapping, size_t user);
  void FillPlaces();
  void EstimateMissing();

  const UserOptions& options_;
  const TimeOptions& times_;
  std::optional<int64_t> as_of_;
  IngestReport& report_;
  StringTable& ids_;
  std::vector<Entry> users_;
  std::vector<bool> estimated_;
  std::unordered_set<uint64_t> rows_seen_;
  std::vector<FeatureColumn> features_;
  bool needs_as_of_ = false;
};

std::string Repaired(std::string_view text) {
  return IsValidUtf8(text) ? std::string(text) : RepairUtf8(text);
}

std::optional<int> UserTable::Age(const Record& record, const FieldMapping& mapping, RowLog& log) {
  const std::string_view age = mapping.First(record, kAge);
  if (!age.empty()) {
    const std::optional<std::string> number = ParseDecimal(age);
    const std::optional<int> plausible =
        number ? PlausibleAge(static_cast<int>(std::strtod(number->c_str(), nullptr)))
               : std::nullopt;
    if (plausible) return plausible;
    log.DropValue(record.line, "age", number ? "implausible_age" : "bad_number",
                  "\"" + Repaired(age.substr(0, 40)) + "\" is no age from 5 to 110");
  }
  for (const auto& [field, name] :
       {std::pair(kBirthDate, "birth_date"), std::pair(kAnswer, "answer")}) {
    const std::string_view text = mapping.First(record, field);
    if (text.empty()) continue;
    if (!as_of_) {
      needs_as_of_ = true;
      return {};
    }
    const std::optional<int> found = AgeFromText(text, *as_of_, times_.day_first);
    if (found) return found;
    log.DropValue(record.line, name, "no_age",
                  "no birth date that gives an age from 5 to 110 in \"" +
                      Repaired(text.substr(0, 60)) + "\"");
  }
  return {};
}

void UserTable::TakeFeatures(const Record& record, const std::vector<std::string>& columns,
                             const FieldMapping& mapping, size_t user) {
  for (size_t column = 0; column < record.fields.size(); ++column) {
    const bool place =
        std::find(mapping.ColumnsOf(kCity).begin(), mapping.ColumnsOf(kCity).end(), column) !=
            mapping.ColumnsOf(kCity).end() ||
        std::find(mapping.ColumnsOf(kRegion).begin(), mapping.ColumnsOf(kRegion).end(), column) !=
            mapping.ColumnsOf(kRegion).end();
    const std::string_view text = TrimSpace(record.fields[column]);
    if ((mapping.IsUsed(column) && !place) || IsMissing(text)) continue;
    auto known =
        std::find_if(features_.begin(), features_.end(),
                     [&](const FeatureColumn& feature) { return feature.name == columns[column]; });
    if (known == features_.end()) {
      if (features_.size() >= kMaxFeatures) continue;
      features_.emplace_back().name = columns[column];
      known = features_.end() - 1;
    }
    const std::optional<std::string> number = Number(text);
    (number ? known->numbers : known->texts)++;
    if (number) {
      if (known->numeric.value.size() <= user)
        known->numeric.value.resize(user + 1, std::numeric_limits<float>::quiet_NaN());
      known->numeric.value[user] = std::strtof(number->c_str(), nullptr);
    }
    if (known->values.size() > 10000) continue;  // an id or a free text: tells nothing about others
    if (known->category.value.size() <= user)
      known->category.value.resize(user + 1, AgeFeatures::kUnknown);
    known->category.value[user] = known->values.Add(text);
  }
}

Status UserTable::Take(const Record& record, const std::vector<std::string>& columns,
                       const FieldMapping& mapping, RowLog& log) {
  if (!record.problem.empty()) {
    log.Reject(record.line, "", record.problem, record.problem_detail);
    return Ok();
  }
  const std::string_view id = mapping.First(record, kUser);
  if (id.empty()) {
    log.Reject(record.line, "user", "missing_user", "the row names no user");
    return Ok();
  }
  std::string whole;
  for (std::string_view field : record.fields) {
    whole += field;
    whole += '\x1F';
  }
  if (!rows_seen_.insert(Fnv1a64(whole)).second) {
    log.Reject(record.line, "", "duplicate_row", "the row is an exact copy of an earlier one");
    return Ok();
  }
  if (mapping.Has(kAnswer) && mapping.First(record, kAnswer).empty()) {
    log.Reject(record.line, "answer", "missing_answer", "the row has no answer");
    return Ok();
  }
  const uint32_t user = ids_.Add(id);
  if (user >= users_.size()) users_.resize(user + 1);
  Entry& entry = users_[user];
  const std::optional<int> age = Age(record, mapping, log);
  if (age && !entry.age) {
    entry.age = age;
    entry.age_from_first_row = !entry.seen;
  }
  if (entry.city.empty()) entry.city = Repaired(mapping.First(record, kCity));
  if (entry.region.empty()) entry.region = Repaired(mapping.First(record, kRegion));
  if (!entry.seen || features_.size() < kMaxFeatures) TakeFeatures(record, columns, mapping, user);
  entry.seen = true;
  log.Keep();
  return Ok();
}

Status UserTable::ReadFile(const std::string& path, const RowLog::Listener& listener,
                           const Console& console) {
  VITRINE_ASSIGN(auto source, OpenByteSource(path));
  VITRINE_ASSIGN(const std::string head, source->Head(64));
  const size_t begin = std::min(head.find_first_not_of(" \t\r\n"), head.size());
  const bool json = begin < head.size() && (head[begin] == '{' || head[begin] == '[');
  std::unique_ptr<RecordReader> reader;
  if (json) {
    reader = MakeJsonRecordReader(std::move(source), path);
  } else {
    CsvOptions csv;
    csv.delimiter = options_.delimiter.empty()    ? '\0'
                    : options_.delimiter == "tab" ? '\t'
                                                  : options_.delimiter[0];
    VITRINE_ASSIGN(reader, CsvReader::Open(std::move(source), path, csv));
  }
  VITRINE_ASSIGN(FieldMapping mapping, FieldMapping::Make("users", UserFields(), options_.columns));
  VITRINE_RETURN_IF_ERROR(mapping.Resolve(reader->columns(), path, !json));
  if (!json && !mapping.Has(kUser)) {
    return UsageError(path +
                      ":1: no column is known to hold the user; name it: [users.columns] user = "
                      "\"…\". Columns are: " +
                      JoinText(reader->columns(), ", "));
  }
  RowLog log(report_, listener, path, "users",
             json                   ? "jsonl"
             : mapping.Has(kAnswer) ? "source"
                                    : "csv");
  Progress progress(console, "users", reader->size_bytes(), "bytes");
  Record record;
  size_t known_columns = reader->columns().size();
  for (uint64_t count = 1;; ++count) {
    VITRINE_ASSIGN(const bool more, reader->Next(record));
    if (!more) break;
    log.Read();
    if (count % 4096 == 0) progress.Update(reader->position_bytes(), count);
    if (reader->columns().size() != known_columns) {
      known_columns = reader->columns().size();
      VITRINE_RETURN_IF_ERROR(mapping.Resolve(reader->columns(), path, false));
    }
    VITRINE_RETURN_IF_ERROR(Take(record, reader->columns(), mapping, log));
  }
  if (needs_as_of_) {
    return UsageError(path +
                      ": ages come from birth dates, but there is no day to compute them for: give "
                      "--as-of YYYY-MM-DD ([ingest] as_of), or events with times");
  }
  return Ok();
}

// Most frequent partner wins; on a tie the first one met.
void UserTable::FillPlaces() {
  std::unordered_map<std::string, std::map<std::string, uint64_t>> regions_of;
  for (const Entry& entry : users_) {
    if (!entry.city.empty() && !entry.region.empty()) ++regions_of[entry.city][entry.region];
  }
  for (Entry& entry : users_) {
    if (entry.region.empty() && !entry.city.empty()) {
      uint64_t most = 0;
      for (const auto& [region, count] : regions_of[entry.city]) {
        if (count > most) {
          most = count;
          entry.region = region;
        }
      }
      if (entry.region.empty()) entry.region = entry.city;
      ++report_.regions_filled;
    } else if (entry.city.empty() && !entry.region.empty()) {
      entry.city = entry.region;
      ++report_.cities_filled;
    }
  }
}

void UserTable::EstimateMissing() {
  AgeFeatures features;
  for (FeatureColumn& feature : features_) {
    const bool numeric = feature.numbers > feature.texts * 20 && feature.values.size() > 8;
    if (numeric) {
      feature.numeric.value.resize(users_.size(), std::numeric_limits<float>::quiet_NaN());
      features.numeric.push_back(std::move(feature.numeric));
    } else if (feature.values.size() >= 2 && feature.values.size() <= 10000) {
      feature.category.value.resize(users_.size(), AgeFeatures::kUnknown);
      feature.category.count = feature.values.size();
      features.categories.push_back(std::move(feature.category));
    }
  }
  std::vector<std::optional<int>> ages;
  for (const Entry& entry : users_) ages.push_back(entry.age);
  const std::optional<AgeEstimate> estimate = EstimateAges(features, ages);
  if (!estimate) return;
  report_.age_error_years = estimate->mean_absolute_error;
  for (size_t user = 0; user < users_.size(); ++user) {
    // Users that no table knows have no features: an estimate would be the mean and say nothing.
    if (users_[user].age || !users_[user].seen) continue;
    users_[user].age = estimate->age[user];
    estimated_[user] = true;
    ++report_.ages_estimated;
  }
}

Status UserTable::Finish(const std::function<Status(User&&)>& take) {
  if (!options_.files.empty()) users_.resize(ids_.size());
  estimated_.assign(users_.size(), false);
  for (const Entry& entry : users_) {
    if (entry.age) ++(entry.age_from_first_row ? report_.ages_given : report_.ages_filled);
  }
  for (const FeatureColumn& feature : features_) {
    if (feature.numbers > 0) report_.user_numbers[feature.name] = {feature.numbers, feature.texts};
  }
  if (options_.estimate_age) EstimateMissing();
  FillPlaces();
  for (uint32_t i = 0; i < ids_.size(); ++i) {
    User user;
    user.id = Repaired(ids_[i]);
    if (i < users_.size()) {  // without tables users are ids only
      user.age = users_[i].age;
      user.age_estimated = estimated_[i];
      if (user.age) user.age_group = AgeGroup(*user.age, options_.age_cuts);
      user.city = std::move(users_[i].city);
      user.region = std::move(users_[i].region);
    }
    VITRINE_RETURN_IF_ERROR(take(std::move(user)));
  }
  return Ok();
}

}  // namespace

const std::vector<FieldSpec>& UserFields() {
  static const std::vector<FieldSpec> kFields = {
      {"user", {"user id", "user", "userid", "customer id", "customer", "id", "visitor id"}},
      {"age", {"age"}},
      {"birth_date", {"birth date", "birthdate", "date of birth", "dob", "birthday"}},
      {"answer", {"answer"}},
      {"city", {"city", "town"}},
      {"region", {"region", "state", "province", "governorate", "county"}},
  };
  return kFields;
}

Status ReadUsers(const UserOptions& options, const TimeOptions& times,
                 std::optional<int64_t> as_of_seconds, const Console& console, IngestReport& report,
                 const RowLog::Listener& listener, StringTable& ids,
                 const std::function<Status(User&&)>& take) {
  if (!std::is_sorted(options.age_cuts.begin(), options.age_cuts.end())) {
    return UsageError(
        "[users] age_cuts must be in ascending order, such as [18, 25, 35, 45, 55, 65]");
  }
  UserTable table(options, times, as_of_seconds, report, ids);
  for (const std::string& pattern : options.files) {
    VITRINE_ASSIGN(const std::vector<std::string> paths, ExpandGlob(pattern));
    for (const std::string& path : paths)
      VITRINE_RETURN_IF_ERROR(table.ReadFile(path, listener, console));
  }
  return table.Finish(take);
}

}  // namespace vitrine
