// Event logs in JSON: GA4's BigQuery export and Segment's track calls, one event a line.
//   GA4: https://support.google.com/analytics/answer/7029846   Segment:
//   https://segment.com/docs/connections/spec/ecommerce/v2/
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "indexer/ingest/byte_source.h"
#include "indexer/ingest/log_feed.h"

namespace vitrine {

// "ga4", "segment" or "jsonl" (flat objects), by the first lines.
std::string DetectJsonLog(std::string_view head);

// One row an event: items[].item_id; user_id, else user_pseudo_id; session ga_session_id of
// event_params; µs times; order = ecommerce.transaction_id.
std::unique_ptr<LogFeed> MakeGa4Log(std::unique_ptr<ByteSource> source, std::string name);

// One row a track call: properties.product_id (or sku, or those of properties.products[]); userId,
// else anonymousId; session context.sessionId or properties.session_id; order =
// properties.order_id.
std::unique_ptr<LogFeed> MakeSegmentLog(std::unique_ptr<ByteSource> source, std::string name);

}  // namespace vitrine
