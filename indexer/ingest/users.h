// User tables: one row per user, ages from birth dates in free text, gaps filled.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/ingest/ingest.h"
#include "indexer/ingest/mapping.h"
#include "indexer/ingest/string_table.h"
#include "indexer/ingest/time_text.h"

namespace vitrine {

// The fields of UserOptions::columns.
const std::vector<FieldSpec>& UserFields();

// Reads the tables of `options` and hands one User for every id in `ids` to `take`, in that order;
// ids that only the tables know are added to it. Steps, as the source system's: exact duplicate
// rows and rows without an answer (where such a column is mapped) are rejected; ages are read; gaps
// are filled from the user's other rows; ages still missing are estimated by regression
// (age_model.h); a missing region is the one usual for the city (else the city's name), and a
// missing city the region's name. `as_of_seconds`: the day that ages refer to.
Status ReadUsers(const UserOptions& options, const TimeOptions& times,
                 std::optional<int64_t> as_of_seconds, const Console& console, IngestReport& report,
                 const RowLog::Listener& listener, StringTable& ids,
                 const std::function<Status(User&&)>& take);

}  // namespace vitrine
