#include "indexer/publish/prerender.h"

#include <algorithm>
#include <set>

#include "indexer/publish/opened_bundle.h"

namespace vitrine {
namespace {

// The shop's words for what the element says itself once it runs.
const char* HeadingOf(const std::string& type) {
  return type == "similar" ? "You may also like" : "Bought together";
}

class Renderer {
 public:
  Renderer(const Manifest& manifest, const PrerenderOptions& options)
      : manifest_(manifest), options_(options) {}

  std::string Head(uint64_t shard) const {
    std::string head = Preload("manifest.json") + Preload(manifest_.PageShard(shard));
    if (manifest_.changes.count > 0)
      head += Preload(manifest_.ChangeShard(shard & (manifest_.changes.count - 1)));
    if (!manifest_.script.empty()) {
      head += "<link rel=\"stylesheet\" href=\"" + Url("vitrine.css") + "\">\n<script src=\"" +
              Url("vitrine.js") + "\" async></script>\n";
    }
    return head;
  }

  std::string Body(const std::string& id, const PaintedPage& page) const {
    std::string body;
    for (const std::string& type : options_.types) {
      const auto& list = type == "similar" ? page.similar : page.together;
      body += "<vitrine-recs type=\"" + type + "\" product-id=\"" + EscapeHtml(id) +
              "\" base-url=\"" + EscapeHtml(options_.base_url) + "\" limit=\"" +
              std::to_string(options_.limit) + "\">\n";
      if (!list.empty()) body += List(type, list);
      body += "</vitrine-recs>\n";
    }
    return body;
  }

 private:
  std::string Url(const std::string& file) const { return EscapeHtml(options_.base_url + file); }
  std::string Preload(const std::string& file) const {
    return "<link rel=\"preload\" as=\"fetch\" crossorigin href=\"" + Url(file) + "\">\n";
  }

  std::string List(const std::string& type, const std::vector<PaintedLine>& list) const {
    std::string html =
        "<section class=\"vitrine-fallback\"><h2>" + std::string(HeadingOf(type)) + "</h2>\n<ul>\n";
    for (size_t i = 0; i < std::min(list.size(), options_.limit); ++i) html += Item(list[i].card);
    return html + "</ul></section>\n";
  }

  std::string Item(const Card& card) const {
    std::string inner;
    if (!card.image.empty())
      inner += "<img src=\"" + EscapeHtml(card.image) + "\" alt=\"\" loading=\"lazy\">";
    inner += "<span>" + EscapeHtml(card.title) + "</span>";
    if (!card.price.empty()) {
      const std::string& currency = card.currency.empty() ? manifest_.currency : card.currency;
      inner += " <data value=\"" + EscapeHtml(card.price) + "\">" +
               EscapeHtml(card.price + " " + currency) + "</data>";
    }
    if (card.url.empty()) return "<li>" + inner + "</li>\n";
    return "<li><a href=\"" + EscapeHtml(card.url) + "\">" + inner + "</a></li>\n";
  }

  const Manifest& manifest_;
  const PrerenderOptions& options_;
};

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

Status Prerender(const std::filesystem::path& bundle, const PrerenderOptions& options,
                 const std::function<Status(const PrerenderedProduct&)>& take) {
  for (const std::string& type : options.types) {
    if (type != "similar" && type != "bought-together") {
      return UsageError("lists that can be prerendered are similar and bought-together, not \"" +
                        type + "\"");
    }
  }
  if (options.base_url.empty() || options.base_url.back() != '/' || !IsSafeUrl(options.base_url)) {
    return UsageError("the base URL \"" + options.base_url +
                      "\" must be an address that ends with a slash");
  }
  VITRINE_ASSIGN(Manifest manifest, ReadManifest(bundle));
  const Renderer renderer(manifest, options);
  ShardReader reader(bundle, manifest);
  std::set<std::string> wanted(options.ids.begin(), options.ids.end());
  std::set<uint64_t> shards;
  for (const std::string& id : wanted) shards.insert(PageShardOf(id, manifest.pages.count));
  for (uint64_t shard = 0; shard < manifest.pages.count; ++shard) {
    if (!wanted.empty() && !shards.contains(shard)) continue;
    VITRINE_ASSIGN(auto pages, reader.Pages(shard));
    for (const auto& [id, page] : pages) {
      if (!options.ids.empty() && wanted.erase(id) == 0) continue;
      VITRINE_RETURN_IF_ERROR(take({id, renderer.Head(shard), renderer.Body(id, page)}));
    }
  }
  if (!wanted.empty())
    return Error{bundle.string() + ": the bundle has no product \"" + *wanted.begin() + "\""};
  return Ok();
}

}  // namespace vitrine
