// The Python-literal, key-value and price readers, and the small parsers beside them, on any bytes.
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "indexer/ingest/age_text.h"
#include "indexer/ingest/decimal.h"
#include "indexer/ingest/literal.h"
#include "indexer/ingest/source_reader.h"
#include "indexer/ingest/text.h"
#include "indexer/ingest/time_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ParseLiteral(text).value.ToText();
  for (const auto& [key, value] : ParseKeyValues(text)) (void)value.ToText();
  (void)ExtractObjectId(text);
  (void)ReadPriceCell(text, std::numeric_limits<int64_t>::max());
  if (const auto money = ParseMoney(text)) {
    // What was read once reads again as itself.
    const auto again = ParseMoney(money->amount, money->currency);
    if (!again || again->amount != money->amount) std::abort();
  }
  if (const auto time = ParseTime(text)) {
    if (ParseTime(FormatTime(*time)) != time && *time > -2208988800 && *time < 7258118400)
      std::abort();
  }
  (void)AgeFromText(text, 1700000000, true);
  if (!IsValidUtf8(RepairUtf8(text))) std::abort();
  (void)PlainText(text);
  (void)FoldText(text);
  return 0;
}
