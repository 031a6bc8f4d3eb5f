// The evaluation report of a shop: figures (report.json), pages (index.html, report.md, *.svg), a
// terminal summary, and the quality gate.
#pragma once

#include <filesystem>
#include <string>

#include "indexer/embed/photo_source.h"
#include "indexer/report/measure/input.h"
#include "indexer/report/verdict.h"

namespace vitrine {

// Everything that is measured, with the verdict.
Json MakeReport(const ReportInput& input);

// Adds what depends on another report (null = there is none), that of the last published build or
// the one that was named: "compared_with" (`name`), "changes", and "gate", the reasons not to
// publish. An error when `before` is not what a report is.
Status AddComparison(const Json& before, const std::string& name, Json& report);

// Writes index.html, report.json, report.md and a .svg for each chart into `folder`.
Status WriteReport(const Json& report, std::span<const Product> products,
                   const PhotoOptions& photos, const std::filesystem::path& folder);

// Reads a report.json; null (no error) when there is no such file and `may_be_missing`.
Result<Json> ReadReport(const std::filesystem::path& path, bool may_be_missing);

// The same in at most 24 lines of 80 letters.
std::string TerminalSummary(const Json& report);

}  // namespace vitrine
