// `vitrine`: the indexer's command line. Every command lives in its room's command.cc.
#include <cstdio>
#include <map>

#include "indexer/command.h"
#include "indexer/config.h"
#include "indexer/ingest/command.h"

namespace vitrine {
namespace {

class CommandTable : public Commands {
 public:
  explicit CommandTable(CLI::App& app) : app_(app) {}

  CLI::App* Add(const std::string& name, const std::string& description,
                std::function<Status(Context&)> run) override {
    CLI::App* command = app_.add_subcommand(name, description);
    command->fallthrough();
    runs_[command] = std::move(run);
    return command;
  }

  Status Run(Context& context) const {
    for (CLI::App* command : app_.get_subcommands()) return runs_.at(command)(context);
    return UsageError("no command; see vitrine --help");
  }

 private:
  CLI::App& app_;
  std::map<CLI::App*, std::function<Status(Context&)>> runs_;
};

// Every command of the program, one line a room. A new command is added here.
void AddCommands(Commands& commands) {
  AddBuildCommand(commands);
  AddIngestCommands(commands, [](const std::string& path) -> Result<IngestOptions> {
    VITRINE_ASSIGN(Config config, ReadConfig(path, {}));
    return config.ingest;
  });
  AddMineCommand(commands);
  AddEmbedCommands(commands);
  AddVectorCommands(commands);
  AddRecommendCommand(commands);
  AddEvaluateCommand(commands, RunEvaluateShop);
  AddPublishCommands(commands);
  AddRulesCommand(commands);
}

int Main(int argc, char** argv) {
  CLI::App app{
      "Vitrine: recommendations for fashion shops, computed in the shopper's browser.\n"
      "The indexer turns a catalogue, an event log and photos into a static bundle."};
  app.require_subcommand(1);
  bool quiet = false, verbose = false;
  std::string report_path;
  app.add_flag("-q,--quiet", quiet, "say only errors");
  app.add_flag("-v,--verbose", verbose, "say details");
  app.add_option("--report", report_path, "write what was done as JSON to this file")
      ->type_name("FILE.json");
  CommandTable commands(app);
  AddCommands(commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ErrorKind::kUsage);
  }
  Context context{Console(quiet     ? Console::Level::kQuiet
                          : verbose ? Console::Level::kVerbose
                                    : Console::Level::kNormal),
                  report_path};
  Status status = commands.Run(context);
  if (status.ok()) return 0;
  std::fprintf(stderr, "error: %s\n", status.error().message.c_str());
  return static_cast<int>(status.error().kind);
}

}  // namespace
}  // namespace vitrine

int main(int argc, char** argv) { return vitrine::Main(argc, argv); }
