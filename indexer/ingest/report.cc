#include "indexer/ingest/report.h"

#include <cinttypes>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace vitrine {
namespace {

std::string Percent(uint64_t part, uint64_t whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%",
                whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

std::string Reasons(const std::map<std::string, uint64_t>& counts) {
  std::string text;
  for (const auto& [reason, count] : counts) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + reason;
  }
  return text;
}

}  // namespace

RowLog::RowLog(IngestReport& report, Listener listener, std::string file, std::string role,
               std::string format)
    : report_(&report), listener_(std::move(listener)), index_(report.inputs.size()) {
  InputReport input;
  input.file = std::move(file);
  input.role = std::move(role);
  input.format = std::move(format);
  report.inputs.push_back(std::move(input));
}

void RowLog::CountRejected(std::string_view reason, uint64_t rows) {
  input().rows_rejected += rows;
  input().rejected_by_reason[std::string(reason)] += rows;
}

void RowLog::List(RejectedRow row) {
  if (listener_) listener_(row);
  if (report_->rejected.size() < IngestReport::kMaxRejected)
    report_->rejected.push_back(std::move(row));
}

void RowLog::Reject(uint64_t line, std::string_view field, std::string_view reason,
                    std::string detail) {
  CountRejected(reason, 1);
  List({input().file, line, std::string(field), std::string(reason), std::move(detail), false});
}

void RowLog::DropValue(uint64_t line, std::string_view field, std::string_view reason,
                       std::string detail) {
  ++input().dropped_values[std::string(reason)];
  List({input().file, line, std::string(field), std::string(reason), std::move(detail), true});
}

void RowLog::Withdraw(std::string_view reason, uint64_t rows) {
  input().rows_kept -= rows;
  CountRejected(reason, rows);
}

bool RowsAddUp(const IngestReport& report) {
  for (const InputReport& input : report.inputs) {
    uint64_t reasons = 0;
    for (const auto& [reason, count] : input.rejected_by_reason) reasons += count;
    if (input.rows_read != input.rows_kept + input.rows_rejected || reasons != input.rows_rejected)
      return false;
  }
  return true;
}

std::string ReportToJson(const IngestReport& report) {
  using Json = nlohmann::ordered_json;
  Json inputs = Json::array();
  for (const InputReport& input : report.inputs) {
    inputs.push_back({{"file", input.file},
                      {"role", input.role},
                      {"format", input.format},
                      {"rows_read", input.rows_read},
                      {"rows_kept", input.rows_kept},
                      {"rows_rejected", input.rows_rejected},
                      {"rejected_by_reason", input.rejected_by_reason},
                      {"dropped_values", input.dropped_values},
                      {"repaired_texts", input.repaired_texts}});
  }
  Json unmatched = Json::array();
  for (const auto& [id, count] : report.top_unmatched)
    unmatched.push_back({{"id", id}, {"count", count}});
  Json rejected = Json::array();
  for (const RejectedRow& row : report.rejected) {
    rejected.push_back({{"file", row.file},
                        {"line", row.line},
                        {"field", row.field},
                        {"reason", row.reason},
                        {"row_kept", row.row_kept},
                        {"detail", row.detail}});
  }
  Json fill = Json::object();
  for (const auto& [field, count] : report.filled) {
    fill[field] = report.products == 0
                      ? 0
                      : static_cast<double>(count) / static_cast<double>(report.products);
  }
  Json numbers = Json::object();
  for (const auto& [column, count] : report.user_numbers)
    numbers[column] = {{"numbers", count.numbers}, {"taken_for_unknown", count.others}};
  Json json = {{"inputs", inputs},
               {"as_of", report.as_of},
               {"products", report.products},
               {"users", report.users},
               {"sessions", report.sessions},
               {"interactions", report.interactions},
               {"baskets", report.baskets},
               {"basket_items", report.basket_items},
               {"baskets_left_out", report.baskets_left_out},
               {"item_ids",
                {{"seen", report.ids_seen},
                 {"matched", report.ids_matched},
                 {"match_rate", report.match_rate()},
                 {"most_frequent_unmatched", unmatched}}},
               {"fill_rate", fill},
               {"ages",
                {{"given", report.ages_given},
                 {"filled_from_other_rows", report.ages_filled},
                 {"estimated", report.ages_estimated}}},
               {"places",
                {{"cities_from_regions", report.cities_filled},
                 {"regions_from_cities", report.regions_filled}}},
               {"user_number_columns", numbers},
               {"rejected", rejected}};
  if (report.age_error_years >= 0)
    json["ages"]["mean_absolute_error_years"] = report.age_error_years;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ReportToText(const IngestReport& report) {
  std::string text;
  char line[160];
  std::snprintf(line, sizeof line, "%-10s%-9s%13s%13s%13s  %s\n", "input", "format", "rows read",
                "kept", "rejected", "file");
  text += line;
  for (const InputReport& input : report.inputs) {
    std::snprintf(line, sizeof line, "%-10s%-9s%13" PRIu64 "%13" PRIu64 "%13" PRIu64 "  ",
                  input.role.c_str(), input.format.c_str(), input.rows_read, input.rows_kept,
                  input.rows_rejected);
    text += line + input.file + "\n";
    if (!input.rejected_by_reason.empty())
      text += "          rejected: " + Reasons(input.rejected_by_reason) + "\n";
    if (!input.dropped_values.empty())
      text += "          values dropped: " + Reasons(input.dropped_values) + "\n";
    if (input.repaired_texts > 0) {
      text += "          texts that were no UTF-8, read as Windows-1252: " +
              std::to_string(input.repaired_texts) + "\n";
    }
  }
  text += std::to_string(report.products) + " products, " + std::to_string(report.users) +
          " users, " + std::to_string(report.sessions) + " sessions, " +
          std::to_string(report.interactions) + " interactions, " + std::to_string(report.baskets) +
          " baskets";
  if (!report.baskets_left_out.empty())
    text += " (left out: " + Reasons(report.baskets_left_out) + ")";
  text += "\n";
  if (report.ids_seen > 0) {
    text +=
        "item ids found in the catalogue: " + Percent(report.ids_matched, report.ids_seen) + "\n";
  }
  if (report.products > 0 && !report.filled.empty()) {
    text += "filled:";
    for (const auto& [field, count] : report.filled) {
      if (count > 0) text += " " + field + " " + Percent(count, report.products);
    }
    text += "\n";
  }
  const uint64_t ages = report.ages_given + report.ages_filled + report.ages_estimated;
  if (ages > 0) {
    text += "ages" + (report.as_of.empty() ? "" : " on " + report.as_of) + ": " +
            std::to_string(report.ages_given) + " given, " + std::to_string(report.ages_filled) +
            " from the user's other rows, " + std::to_string(report.ages_estimated) + " estimated";
    if (report.age_error_years >= 0) {
      std::snprintf(line, sizeof line, " (off by %.1f years in the mean, cross-validated)",
                    report.age_error_years);
      text += line;
    }
    text += "\n";
  }
  return text;
}

}  // namespace vitrine
