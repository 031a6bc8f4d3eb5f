// The lists of every product as HTML, for a shop that makes its pages on a server or at build time:
// the element's fallback children and the preload hints, so that a page needs one hop fewer and
// works without JavaScript.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "shared/result.h"

namespace vitrine {

struct PrerenderOptions {
  std::string base_url = "/bundle/";  // where the page finds the bundle, with a slash at its end
  std::vector<std::string> types = {"bought-together", "similar"};
  size_t limit = 8;
  std::vector<std::string> ids;  // empty = all products
};

struct PrerenderedProduct {
  std::string id;
  std::string head;  // preload hints, for the page's <head>
  std::string body;  // <vitrine-recs> elements with their fallback children
};

// Calls `take` for each product, in the order of the page shards. Fails on a bundle that cannot be
// read, on a product that it does not have, and with what `take` returns.
Status Prerender(const std::filesystem::path& bundle, const PrerenderOptions& options,
                 const std::function<Status(const PrerenderedProduct&)>& take);

// The text as it may stand in HTML, in an attribute too.
std::string EscapeHtml(std::string_view text);

}  // namespace vitrine
