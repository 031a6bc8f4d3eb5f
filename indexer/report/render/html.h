// A report as one HTML file: no request, a strict Content-Security-Policy, every chart drawn
// already (scripts only make it explorable) and with the table of its numbers.
#pragma once

#include <string>

#include "indexer/report/render/document.h"
#include "indexer/report/render/thumbnails.h"

namespace vitrine {

std::string HtmlOf(const Document& document, Thumbnails& thumbnails);

}  // namespace vitrine
