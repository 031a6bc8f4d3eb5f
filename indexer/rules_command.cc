// `vitrine rules`: what each rule of rules.toml does, and which do nothing.
#include <cstdio>

#include "indexer/command.h"
#include "indexer/config.h"
#include "indexer/publish/merchandising.h"

namespace vitrine {
namespace {

Status RunRules(const std::string& path, const std::vector<std::string>& overrides,
                Context& context) {
  VITRINE_ASSIGN(Config config, ReadConfig(path, overrides));
  if (config.publish.rules.empty()) return UsageError(path + ": publish.rules names no rules file");
  VITRINE_ASSIGN(IngestResult shop, Ingest(config.ingest, context.console));
  VITRINE_ASSIGN(Merchandising rules,
                 Merchandising::Read(config.publish.rules, shop.shop.products));
  size_t idle = 0;
  const auto lints = rules.Check();
  for (const auto& lint : lints) {
    idle += !lint.problem.empty();
    std::printf("%s: %zu products, on %zu pages%s%s\n", lint.rule.c_str(), lint.products,
                lint.pages, lint.problem.empty() ? "" : ": ", lint.problem.c_str());
  }
  if (idle > 0) {
    return Error{config.publish.rules.string() + ": " + std::to_string(idle) + " of " +
                 std::to_string(lints.size()) + " rules do not do what they say"};
  }
  return Ok();
}

}  // namespace

void AddRulesCommand(Commands& commands) {
  auto config = std::make_shared<std::string>("vitrine.toml");
  auto overrides = std::make_shared<std::vector<std::string>>();
  CLI::App* app = commands.Add(
      "rules", "check the merchandising rules: what each is about, which match nothing",
      [config, overrides](Context& context) { return RunRules(*config, *overrides, context); });
  app->add_option("-c,--config", *config, "the shop's configuration")
      ->capture_default_str()
      ->type_name("vitrine.toml");
  app->add_option("--set", *overrides, "set a key of the configuration")->type_name("KEY=VALUE");
}

}  // namespace vitrine
