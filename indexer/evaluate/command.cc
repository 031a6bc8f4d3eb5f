#include "indexer/command.h"

#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "indexer/evaluate/metrics.h"
#include "indexer/evaluate/predictions.h"
#include "indexer/evaluate/profiles_file.h"
#include "indexer/evaluate/session_log.h"
#include "indexer/evaluate/strategy.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

struct EvaluateOptions {
  std::string train, test, cases, users, predictions;
  std::vector<std::string> strategies;
  TasteOptions taste;
  EvaluateShopFlags shop;
};

// The files of one evaluation. Test session s is shopper shop.users.size() + s of the profiles.
struct SessionTask {
  ItemNames names;
  SessionLog test;
  std::vector<Case> cases;
  std::vector<uint32_t> training_count;  // how often each item appears in the training sessions
  Shop shop;                             // the training sessions
  Profiles profiles;
};

Result<SessionTask> ReadTask(const EvaluateOptions& options) {
  SessionTask task;
  VITRINE_ASSIGN(const SessionLog train, ReadTrainingSessions(options.train, task.names));
  VITRINE_ASSIGN(task.test, ReadTestSessions(options.test, task.names));
  VITRINE_ASSIGN(task.cases, ReadCases(options.cases, task.test, task.names));
  task.training_count.resize(task.names.size());
  for (ItemIndex item : train.items) ++task.training_count[item];
  task.shop = ShopOfSessions(train, task.names.size());
  std::vector<std::string> ids;
  for (const User& user : task.shop.users) ids.push_back(user.id);
  ids.insert(ids.end(), task.test.id.begin(), task.test.id.end());
  task.profiles = Profiles(ids.size());
  if (!options.users.empty()) {
    VITRINE_ASSIGN(task.profiles, ReadProfiles(options.users, ids));
  }
  return task;
}

// One strategy over all cases; appends its predictions to `lines`.
Metrics RunCases(const Strategy& strategy, const SessionTask& task, std::string& lines) {
  Scorecard scorecard(task.training_count);
  std::vector<SessionEvent> events;
  std::vector<std::pair<std::string, std::string>> profile;
  for (const Case& c : task.cases) {
    events.clear();
    double time = static_cast<double>(task.test.time_seconds[c.session]);
    for (ItemIndex item : task.test.session(c.session).first(c.prefix_size)) {
      events.push_back({item, InteractionKind::kView, time++});
    }
    profile.clear();
    const auto user = static_cast<uint32_t>(task.shop.users.size() + c.session);
    for (size_t a = 0; a < task.profiles.attributes(); ++a) {
      profile.emplace_back(task.profiles.Attribute(a),
                           task.profiles.Value(a, task.profiles.Of(user, a)));
    }
    const std::vector<ItemIndex> list =
        strategy.Rank({.events = events, .profile = profile}, kListSize);
    scorecard.Add(c.session, list, c.target);
    AppendPrediction(
        task.test.id[c.session], c.prefix_size, list,
        [&](ItemIndex item) -> const std::string& { return task.names.name(item); }, lines);
  }
  return scorecard.Summary();
}

void PrintMetrics(const std::string& name, const Metrics& m, const Strategy& strategy,
                  uint32_t items) {
  std::printf(
      "%s\t%llu\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f..%.4f\t%.4f\t%.4f..%.4f\t%.4f\t%.4f\t%.4f\t"
      "%.4f\t%.1f\t%u\n",
      name.c_str(), static_cast<unsigned long long>(m.cases), m.hit_rate[0], m.hit_rate[1],
      m.hit_rate[2], m.hit_rate[3], m.hit_rate_interval.low, m.hit_rate_interval.high, m.mrr,
      m.mrr_interval.low, m.mrr_interval.high, m.ndcg, m.coverage, m.popularity, m.gini,
      static_cast<double>(strategy.size_bytes()) / items, strategy.smallest_group());
}

Status RunEvaluate(const EvaluateOptions& options, Context&) {
  if (options.train.empty() || options.test.empty() || options.cases.empty()) {
    return UsageError("evaluate needs -c vitrine.toml, or --train, --test and --cases");
  }
  if (options.taste.min_users < 1) return UsageError("--min-users must be at least 1");
  VITRINE_ASSIGN(const SessionTask task, ReadTask(options));
  std::printf(
      "strategy\tcases\tHR@1\tHR@5\tHR@10\tHR@20\tHR@20_ci95\tMRR@20\tMRR@20_ci95\tNDCG@20\t"
      "coverage@20\tpopularity@20\tgini@20\tbytes_per_item\tsmallest_group\n");
  for (const std::string& name : options.strategies) {
    VITRINE_ASSIGN(const std::unique_ptr<Strategy> strategy,
                   MakeStrategy(name, task.shop, task.profiles, options.taste));
    std::string lines;
    const Metrics metrics = RunCases(*strategy, task, lines);
    PrintMetrics(name, metrics, *strategy, task.names.size());
    std::fflush(stdout);
    if (!options.predictions.empty()) {
      const bool one = options.strategies.size() == 1;
      VITRINE_RETURN_IF_ERROR(
          WriteFileAtomically(options.predictions + (one ? "" : "." + name), lines));
    }
  }
  return Ok();
}

}  // namespace

void AddEvaluateCommand(Commands& commands, EvaluateShopCommand evaluate_shop) {
  auto options = std::make_shared<EvaluateOptions>();
  options->taste.threads = static_cast<int>(std::thread::hardware_concurrency());
  CLI::App* app =
      commands.Add("evaluate", "how well each strategy predicts what later sessions did next",
                   [options, evaluate_shop](Context& context) {
                     return options->shop.config.empty() ? RunEvaluate(*options, context)
                                                         : evaluate_shop(options->shop, context);
                   });
  app->add_option("-c,--config", options->shop.config,
                  "evaluate the whole shop on its own later sessions and write its report")
      ->type_name("vitrine.toml");
  app->add_option("--compare", options->shop.compare,
                  "with -c: say what got better or worse than in this report.json")
      ->type_name("OLD.json");
  app->add_option("--set", options->shop.overrides, "with -c: set a key of the configuration")
      ->type_name("KEY=VALUE");
  app->add_option("--train", options->train, "training sessions")->type_name("FILE");
  app->add_option("--test", options->test, "later sessions")->type_name("FILE");
  app->add_option("--cases", options->cases, "what to predict in them")->type_name("FILE");
  app->add_option("--users", options->users,
                  "what the shoppers told of themselves: CSV, the session's id and attributes")
      ->type_name("FILE");
  for (std::string_view name : StrategyNames()) options->strategies.emplace_back(name);
  options->shop.strategies = options->strategies;
  app->add_option_function<std::vector<std::string>>(
         "--strategy",
         [options](const std::vector<std::string>& names) {
           options->strategies = options->shop.strategies = names;
         },
         "which strategies; all when not given")
      ->delimiter(',')
      ->type_name("NAME[,NAME…]");
  app->add_option_function<std::string>(
         "--predictions",
         [options](const std::string& file) {
           options->predictions = options->shop.predictions = file;
         },
         "write the lists here; with several strategies, or with -c, to FILE.<strategy>")
      ->type_name("FILE");
  app->add_option("--min-users", options->taste.min_users,
                  "privacy floor: distinct shoppers behind every number that is learned")
      ->capture_default_str();
  app->add_flag("--publish-sessions", options->taste.publish_sessions,
                "put the newest sessions into what the browser loads");
  app->add_flag("--two-tower", options->taste.two_tower, "let the blend use the two towers");
  app->add_option("--bytes-per-item", options->taste.bytes_per_item, "what the blend may weigh")
      ->capture_default_str();
  EncoderOptions& encoder = options->taste.encoder;
  app->add_option("--encoder-epochs", encoder.epochs, "0 = by the size of the log")
      ->capture_default_str();
  app->add_option("--encoder-learning-rate", encoder.learning_rate, "-1 = by the size of the log")
      ->capture_default_str();
  app->add_option("--encoder-dropout", encoder.dropout,
                  "share of the components that training drops; -1 = by the size of the log")
      ->capture_default_str();
  app->add_option("--encoder-events", encoder.max_events)->capture_default_str();
  app->add_option("--threads", options->taste.threads, "never changes the result")
      ->capture_default_str();
}

}  // namespace vitrine
