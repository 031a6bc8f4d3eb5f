// Google Merchant product feeds in XML: RSS 2.0 (<item>) and Atom (<entry>).
#pragma once

#include <memory>
#include <string>

#include "indexer/ingest/byte_source.h"
#include "indexer/ingest/record.h"

namespace vitrine {

// Each product's child elements become columns by their local names (g:image_link → image_link);
// repeated ones are joined by "|", but of several product types the first one counts. An Atom link
// is its href. Any encoding that the declaration names of UTF-8, UTF-16, Latin-1, Latin-9 and
// Windows-1252; bytes that are no UTF-8 in a file that claims to be are repaired. No DTD entity is
// expanded beyond expat's own limits and nothing outside of the file is read.
Result<std::unique_ptr<RecordReader>> MakeXmlReader(std::unique_ptr<ByteSource> source,
                                                    std::string name);

}  // namespace vitrine
