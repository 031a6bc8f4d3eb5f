// How a room adds its subcommand to `vitrine`. Each room has a `command.cc` with one
// Add…Command(); main.cc lists them.
//
//   void AddMineCommand(Commands& commands) {
//     auto options = std::make_shared<MineOptions>();
//     CLI::App* app = commands.Add("mine", "frequent itemsets and rules",
//                                  [options](Context& context) { return RunMine(*options, context);
//                                  });
//     app->add_option("--baskets", options->baskets, "…")->required();
//   }
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "indexer/support/console.h"
#include "shared/result.h"

namespace vitrine {

// What every command gets beside its own options.
struct Context {
  Console console;
  std::string report_path;  // --report FILE.json, empty when not asked for
};

class Commands {
 public:
  virtual ~Commands() = default;
  virtual CLI::App* Add(const std::string& name, const std::string& description,
                        std::function<Status(Context&)> run) = 0;
};

void AddIngestCommands(Commands& commands);  // ingest, init
void AddMineCommand(Commands& commands);     // mine
void AddEmbedCommands(Commands& commands);   // embed, model
void AddVectorCommands(Commands& commands);  // index, search

// `vitrine evaluate -c`: the whole shop, which only the pipeline can do.
struct EvaluateShopFlags {
  std::string config;                              // vitrine.toml
  std::string compare;                             // another report.json
  std::string predictions;                         // where the lists are written to
  std::vector<std::string> overrides, strategies;  // strategies: empty = all
};
using EvaluateShopCommand = std::function<Status(const EvaluateShopFlags&, Context&)>;
Status RunEvaluateShop(const EvaluateShopFlags& flags, Context& context);
void AddEvaluateCommand(Commands& commands, EvaluateShopCommand evaluate_shop);  // evaluate

void AddPublishCommands(Commands& commands);   // inspect, verify, serve, prerender, hosting
void AddRulesCommand(Commands& commands);      // rules
void AddBuildCommand(Commands& commands);      // build
void AddRecommendCommand(Commands& commands);  // recommend

}  // namespace vitrine
