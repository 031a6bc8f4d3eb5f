#include "indexer/command.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "indexer/publish/cards.h"
#include "indexer/publish/hosting.h"
#include "indexer/publish/inspect.h"
#include "indexer/publish/opened_bundle.h"
#include "indexer/publish/prerender.h"
#include "indexer/publish/serve.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

Status Verify(const std::string& folder, Context& context) {
  VITRINE_ASSIGN(VerifyReport report, VerifyBundle(folder));
  constexpr size_t kShown = 20;
  for (size_t i = 0; i < std::min(kShown, report.problems.size()); ++i) {
    std::printf("problem: %s\n", report.problems[i].c_str());
  }
  if (report.problems.size() > kShown)
    std::printf("… and %zu more\n", report.problems.size() - kShown);
  std::printf("%" PRIu64 " files, %" PRIu64 " bytes, %" PRIu64 " list entries\n", report.files,
              report.size_bytes, report.list_entries);
  std::printf("invariants broken: %" PRIu64 " cross-audience, %" PRIu64 " out of stock, %" PRIu64
              " same group, %" PRIu64 " in cart\n",
              report.cross_audience, report.out_of_stock, report.same_group, report.in_cart);
  std::printf("numbers below the privacy floor: %" PRIu64 "\n", report.below_floor);
  if (report.smallest_group > 0) {
    std::printf("smallest group: %" PRIu32 " shoppers behind any taste or complement%s\n",
                report.smallest_group,
                report.publishes_sessions ? "; sessions are published as they are" : "");
  }
  const bool clean = report.problems.empty() && report.cross_audience + report.out_of_stock +
                                                        report.same_group + report.in_cart +
                                                        report.below_floor ==
                                                    0;
  if (!clean) return Error{folder + ": the bundle is not sound; publish it again"};
  context.console.Info("the bundle is sound");
  return Ok();
}

struct PrerenderArguments {
  std::string bundle, output;
  PrerenderOptions options;
};

// A product id as a file name: what a file system or a URL could take amiss is percent-encoded.
std::string FileName(const std::string& id) {
  constexpr const char* kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~";
  std::string name;
  for (char c : id) {
    char code[4];
    std::snprintf(code, sizeof(code), "%%%02X", static_cast<unsigned char>(c));
    name += std::string_view(kPlain).find(c) != std::string_view::npos ? std::string(1, c) : code;
  }
  return name;
}

// One JSON object a line on standard output, or a file a product.
Status RunPrerender(const PrerenderArguments& arguments, Context& context) {
  size_t products = 0;
  auto take = [&](const PrerenderedProduct& product) -> Status {
    ++products;
    if (!arguments.output.empty()) {
      const auto path = std::filesystem::path(arguments.output) / FileName(product.id);
      VITRINE_RETURN_IF_ERROR(WriteFileAtomically(path.string() + ".head.html", product.head));
      return WriteFileAtomically(path.string() + ".html", product.body);
    }
    const Json line = {{"id", product.id}, {"head", product.head}, {"body", product.body}};
    const std::string text = JsonText(line) + "\n";
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
      return Error{"standard output: cannot write"};
    return Ok();
  };
  VITRINE_RETURN_IF_ERROR(Prerender(arguments.bundle, arguments.options, take));
  context.console.Info("prerendered " + std::to_string(products) + " products");
  return Ok();
}

void AddPrerender(Commands& commands) {
  auto arguments = std::make_shared<PrerenderArguments>();
  CLI::App* command = commands.Add(
      "prerender", "write every product's lists as HTML, with the preload hints of its page",
      [arguments](Context& context) { return RunPrerender(*arguments, context); });
  command->add_option("DIR", arguments->bundle, "folder of the bundle (with manifest.json)")
      ->required();
  command
      ->add_option("-o,--output", arguments->output,
                   "folder for ID.html and ID.head.html; left out = JSON lines {id, head, body} on "
                   "standard output")
      ->type_name("DIR");
  PrerenderOptions& options = arguments->options;
  command->add_option("--base-url", options.base_url, "where the page finds the bundle")
      ->capture_default_str();
  command->add_option("--type", options.types, "lists, comma-separated: bought-together, similar")
      ->delimiter(',');
  command->add_option("--limit", options.limit, "products in a list")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  command->add_option("--id", options.ids, "only these products, comma-separated")->delimiter(',');
}

void AddHosting(Commands& commands) {
  auto host = std::make_shared<std::string>();
  auto prefix = std::make_shared<std::string>("/bundle/");
  std::string names;
  for (const std::string& name : Hosts()) names += (names.empty() ? "" : ", ") + name;
  CLI::App* command =
      commands.Add("hosting", "print the headers and types of a bundle as a host's configuration",
                   [host, prefix](Context&) -> Status {
                     VITRINE_ASSIGN(std::string text, HostingSnippet(*host, *prefix));
                     std::fputs(text.c_str(), stdout);
                     return Ok();
                   });
  command->add_option("HOST", *host, names)->required();
  command->add_option("--path", *prefix, "path of the bundle on the site")->capture_default_str();
}

}  // namespace

void AddPublishCommands(Commands& commands) {
  auto folder = std::make_shared<std::string>();
  auto older = std::make_shared<std::string>();
  auto port = std::make_shared<int>(8080);
  auto own_engine = std::make_shared<std::string>();
  auto with_folder = [&](CLI::App* command) {
    command->add_option("DIR", *folder, "folder of the bundle (with manifest.json)")->required();
    return command;
  };
  with_folder(commands.Add("inspect",
                           "say what is in a bundle, what takes its bytes, what is downloaded when",
                           [folder, older](Context&) {
                             return older->empty() ? InspectBundle(*folder)
                                                   : InspectDifference(*older, *folder);
                           }))
      ->add_option("--diff", *older,
                   "an earlier build: say what changed since, and what that makes a returning "
                   "shopper download")
      ->type_name("OLD");
  with_folder(commands.Add("verify", "check every hash, bound, reference and invariant of a bundle",
                           [folder](Context& context) { return Verify(*folder, context); }));
  CLI::App* serve = commands.Add(
      "serve", "preview a built shop on loopback with production headers and compression",
      [folder, port, own_engine](Context& context) {
        return ServeFolder(*folder, *port, *own_engine, context.console);
      });
  serve->add_option("DIR", *folder, "folder to serve")->required();
  serve->add_option("--port", *port, "port on 127.0.0.1; 0 = any free one")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  serve
      ->add_option("--own-shops", *own_engine,
                   "also index the shops that are dropped on the demo's own.html, on this machine, "
                   "with this vitrine.wasm in their bundles")
      ->type_name("ENGINE");
  AddPrerender(commands);
  AddHosting(commands);
}

}  // namespace vitrine
