// `vitrine ingest` and `vitrine init`.
#include "indexer/ingest/command.h"

#include <cstdio>
#include <filesystem>
#include <memory>

#include "indexer/ingest/output.h"
#include "indexer/ingest/starter_config.h"
#include "indexer/ingest/text.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

// What the command line says: changes to the options of the configuration file (or the defaults),
// made in the order of the flags.
struct IngestFlags {
  std::vector<std::function<Status(IngestOptions&)>> changes;
  std::string config, output;
};

// A flag that sets one option.
template <typename Value, typename Get>
CLI::Option* Set(CLI::App& app, IngestFlags& flags, const char* name, const char* description,
                 Get get) {
  return app.add_option_function<Value>(
      name,
      [&flags, get](const Value& value) {
        flags.changes.push_back([get, value](IngestOptions& options) {
          get(options) = value;
          return Ok();
        });
      },
      description);
}

// A flag with FIELD=COLUMN[,COLUMN…] arguments. The first one replaces the mapping of the file.
template <typename Get>
void SetColumns(CLI::App& app, IngestFlags& flags, const char* name, const char* description,
                Get get) {
  app.add_option_function<std::vector<std::string>>(
         name,
         [&flags, get, name](const std::vector<std::string>& entries) {
           flags.changes.push_back([get, name, entries](IngestOptions& options) -> Status {
             ColumnMapping& mapping = get(options);
             for (const std::string& entry : entries) {
               const size_t equal = entry.find('=');
               if (equal == std::string::npos || equal == 0) {
                 return UsageError(std::string(name) + " " + entry +
                                   ": expected FIELD=COLUMN[,COLUMN…]");
               }
               std::vector<std::string>& columns = mapping[entry.substr(0, equal)];
               columns.clear();
               for (std::string_view column :
                    SplitText(std::string_view(entry).substr(equal + 1), ",")) {
                 columns.emplace_back(TrimSpace(column));
               }
             }
             return Ok();
           });
         },
         description)
      ->type_name("FIELD=COLUMN…");
}

using Files = std::vector<std::string>;

void AddCatalogueFlags(CLI::App& app, IngestFlags& flags) {
  Set<Files>(
      app, flags, "--catalogue", "catalogue feeds: files, patterns, - for standard input",
      [](IngestOptions & o) -> auto& { return o.catalogue.files; })
      ->type_name("FILE…");
  Set<std::string>(
      app, flags, "--catalogue-format", "auto, csv, source, google, meta, shopify or jsonl",
      [](IngestOptions & o) -> auto& { return o.catalogue.format; })
      ->type_name("NAME");
  SetColumns(
      app, flags, "--catalogue-column", "which columns fill a field, e.g. price=sale_price,price",
      [](IngestOptions & o) -> auto& { return o.catalogue.columns; });
  app.add_option_function<Files>(
         "--default",
         [&flags](const Files& entries) {
           flags.changes.push_back([entries](IngestOptions& options) -> Status {
             for (const std::string& entry : entries) {
               const size_t equal = entry.find('=');
               if (equal == std::string::npos)
                 return UsageError("--default " + entry + ": expected FIELD=VALUE");
               options.catalogue.defaults[entry.substr(0, equal)] = entry.substr(equal + 1);
             }
             return Ok();
           });
         },
         "value of a product field where the feed has none, e.g. currency=EUR")
      ->type_name("FIELD=VALUE");
  Set<std::string>(
      app, flags, "--delimiter", "of a CSV catalogue: one character or tab",
      [](IngestOptions & o) -> auto& { return o.catalogue.delimiter; });
  Set<std::string>(
      app, flags, "--image-separator", "between several images in one column",
      [](IngestOptions & o) -> auto& { return o.catalogue.image_separator; });
  Set<std::string>(
      app, flags, "--image-template", "a photo's path made from columns, e.g. photos/{id}.jpg",
      [](IngestOptions & o) -> auto& { return o.catalogue.image_template; });
  Set<std::string>(
      app, flags, "--image-prefix", "put before relative image paths",
      [](IngestOptions & o) -> auto& { return o.catalogue.image_prefix; });
}

void AddLogFlags(CLI::App& app, IngestFlags& flags) {
  Set<Files>(
      app, flags, "--events", "event logs",
      [](IngestOptions & o) -> auto& { return o.events.files; })
      ->type_name("FILE…");
  Set<std::string>(
      app, flags, "--events-format", "auto, csv, source, ga4, segment or jsonl",
      [](IngestOptions & o) -> auto& { return o.events.format; })
      ->type_name("NAME");
  SetColumns(
      app, flags, "--events-column",
      "which columns fill user, session, item, time, event, button, weight, order",
      [](IngestOptions & o) -> auto& { return o.events.columns; });
  Set<std::string>(
      app, flags, "--id-pattern", "item ids are the matches of this regular expression",
      [](IngestOptions & o) -> auto& { return o.events.id_pattern; })
      ->type_name("REGEX");
  Set<Files>(
      app, flags, "--orders", "order lines",
      [](IngestOptions & o) -> auto& { return o.orders.files; })
      ->type_name("FILE…");
  SetColumns(
      app, flags, "--orders-column", "which columns fill user, item, time, order",
      [](IngestOptions & o) -> auto& { return o.orders.columns; });
  Set<Files>(
      app, flags, "--users", "user tables",
      [](IngestOptions & o) -> auto& { return o.users.files; })
      ->type_name("FILE…");
  SetColumns(
      app, flags, "--users-column",
      "which columns fill user, age, birth_date, answer, city, region",
      [](IngestOptions & o) -> auto& { return o.users.columns; });
  Set<std::vector<int>>(
      app, flags, "--age-cuts", "lower bounds of the age groups",
      [](IngestOptions & o) -> auto& { return o.users.age_cuts; })
      ->delimiter(',');
  app.add_flag_callback(
      "--merge-users",
      [&flags] {
        flags.changes.push_back([](IngestOptions& options) {
          options.users.merge_into_events = true;
          return Ok();
        });
      },
      "repeat each user's age, age group, city and region in events.csv");
  Set<std::string>(
      app, flags, "--baskets-from", "auto, orders, carts or sessions",
      [](IngestOptions & o) -> auto& { return o.baskets_from; });
  Set<int>(
      app, flags, "--max-basket-items", "leave larger baskets out; 0 = none",
      [](IngestOptions & o) -> auto& { return o.max_basket_items; })
      ->check(CLI::NonNegativeNumber);
  Set<int>(
      app, flags, "--session-gap-minutes", "silence that ends a session",
      [](IngestOptions & o) -> auto& { return o.session_gap_minutes; })
      ->check(CLI::PositiveNumber);
  Set<int>(
      app, flags, "--max-session-events", "leave longer sessions out (bots); 0 = none",
      [](IngestOptions & o) -> auto& { return o.max_session_events; })
      ->check(CLI::NonNegativeNumber);
}

void AddGeneralFlags(CLI::App& app, IngestFlags& flags) {
  Set<std::string>(
      app, flags, "--as-of", "the day that ages and price validity refer to",
      [](IngestOptions & o) -> auto& { return o.as_of; })
      ->type_name("YYYY-MM-DD");
  Set<std::string>(
      app, flags, "--time-zone", "of times that name none: UTC, +02:00, Europe/Paris",
      [](IngestOptions & o) -> auto& { return o.time_zone; });
  app.add_flag_callback(
      "--month-first",
      [&flags] {
        flags.changes.push_back([](IngestOptions& options) {
          options.day_first = false;
          return Ok();
        });
      },
      "01/02/2020 is 2 January");
  Set<Files>(
      app, flags, "--vocabulary", "extra words for colours, audiences, availability",
      [](IngestOptions & o) -> auto& { return o.vocabulary_files; })
      ->type_name("FILE…");
  app.add_option_function<uint64_t>(
         "--memory",
         [&flags](const uint64_t& mebibytes) {
           flags.changes.push_back([mebibytes](IngestOptions& options) {
             options.memory_bytes = mebibytes << 20;
             return Ok();
           });
         },
         "MiB for sorting events; more are sorted on disk [256]")
      ->check(CLI::Range(16, 1 << 20));
}

Status RunIngest(const IngestFlags& flags, const IngestConfigReader& read_config,
                 Context& context) {
  IngestOptions options;
  if (!flags.config.empty()) {
    VITRINE_ASSIGN(options, read_config(flags.config));
  }
  for (const auto& change : flags.changes) VITRINE_RETURN_IF_ERROR(change(options));
  VITRINE_ASSIGN(const IngestReport report, IngestToFolder(options, flags.output, context.console));
  context.console.Info(ReportToText(report) + "written to " + flags.output);
  if (!context.report_path.empty()) {
    VITRINE_RETURN_IF_ERROR(WriteFileAtomically(context.report_path, ReportToJson(report)));
  }
  return Ok();
}

struct InitFlags {
  Files files;
  std::string output = "vitrine.toml";
  bool force = false;
};

Status RunInit(const InitFlags& flags, Context& context) {
  if (flags.output != "-" && !flags.force && std::filesystem::exists(flags.output)) {
    return UsageError(flags.output +
                      " is there already; write to another file with -o, or say --force");
  }
  const std::filesystem::path folder = std::filesystem::absolute(flags.output).parent_path();
  VITRINE_ASSIGN(const std::string toml,
                 StarterConfiguration(
                     flags.files, flags.output == "-" ? std::filesystem::current_path() : folder));
  if (flags.output == "-") {
    std::fputs(toml.c_str(), stdout);
    return Ok();
  }
  VITRINE_RETURN_IF_ERROR(WriteFileAtomically(flags.output, toml));
  context.console.Info("wrote " + flags.output + "; look it over, then: vitrine build -c " +
                       flags.output + " -o bundle");
  return Ok();
}

}  // namespace

void AddIngestCommands(Commands& commands, IngestConfigReader read_config) {
  auto flags = std::make_shared<IngestFlags>();
  CLI::App* app = commands.Add(
      "ingest", "clean and normalise a shop's exports",
      [flags, read_config](Context& context) { return RunIngest(*flags, read_config, context); });
  if (read_config)
    app->add_option("-c,--config", flags->config, "vitrine.toml; flags win over it")
        ->type_name("FILE");
  AddCatalogueFlags(*app, *flags);
  AddLogFlags(*app, *flags);
  AddGeneralFlags(*app, *flags);
  app->add_option("-o,--out", flags->output,
                  "folder for products.csv, events.csv, baskets.txt, users.csv, rejected.csv")
      ->required()
      ->type_name("DIR");

  auto init = std::make_shared<InitFlags>();
  CLI::App* init_app = commands.Add("init", "write a vitrine.toml guessed from the shop's files",
                                    [init](Context& context) { return RunInit(*init, context); });
  init_app
      ->add_option("--from", init->files, "the shop's exports: catalogue, events, orders, users")
      ->type_name("FILE…");
  init_app->add_option("-o,--out", init->output, "where to write; - = standard output")
      ->capture_default_str()
      ->type_name("FILE");
  init_app->add_flag("--force", init->force, "replace the file");
}

void AddIngestCommands(Commands& commands) { AddIngestCommands(commands, nullptr); }

}  // namespace vitrine
