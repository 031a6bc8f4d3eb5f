#include "indexer/personalize/training_rules.h"

#include <doctest/doctest.h>

using namespace vitrine;

TEST_CASE(
    "the fewer examples a product has, the more is dropped and the more often they are seen") {
  // The shares that did best on held-out sessions of three real logs.
  CHECK(DropoutFor(160'000, 16'000) == doctest::Approx(0.6).epsilon(0.01));
  CHECK(DropoutFor(360'000, 9'000) == doctest::Approx(0.45).epsilon(0.06));
  CHECK(DropoutFor(143'000, 217) == doctest::Approx(0.1).epsilon(0.1));
  CHECK(DropoutFor(0, 0) == doctest::Approx(0.6));
  CHECK(DropoutFor(1'000'000'000, 1) == doctest::Approx(0.05));
  CHECK(EpochsFor(0, 0) == 45);
  CHECK(EpochsFor(160'000, 16'000) == 45);
  CHECK(EpochsFor(105'000, 4'025) == 28);
  CHECK(EpochsFor(317'000, 8'444) == 14);
  CHECK(EpochsFor(143'000, 217) == 14);
  CHECK(EpochsFor(500'000, 1'000) == 14);
  CHECK(EpochsFor(1'500'000, 1'000) == 8);
  CHECK(EpochsFor(1'000'000'000, 1) == 6);
  CHECK(EventDropoutFor(160'000, 16'000) == doctest::Approx(0.3).epsilon(0.01));
  CHECK(EventDropoutFor(360'000, 9'000) == doctest::Approx(0.1).epsilon(0.02));
  CHECK(EventDropoutFor(0, 0) == doctest::Approx(0.3));
  CHECK(TemperatureFor(160'000, 16'000) == doctest::Approx(9.2).epsilon(0.01));
  CHECK(TemperatureFor(68'000, 2'500) == doctest::Approx(12).epsilon(0.02));
  CHECK(TemperatureFor(308'000, 7'300) == doctest::Approx(16).epsilon(0.02));
  CHECK(TemperatureFor(143'000, 217) == doctest::Approx(9.7).epsilon(0.02));
  CHECK(TemperatureFor(0, 0) == 4);
  CHECK(LearningRateFor(0, 0) == doctest::Approx(0.02));
  CHECK(LearningRateFor(160'000, 16'000) == doctest::Approx(0.018).epsilon(0.02));
  CHECK(LearningRateFor(308'000, 7'300) == doctest::Approx(0.005).epsilon(0.02));
  CHECK(LearningRateFor(143'000, 217) == doctest::Approx(0.005));
}

TEST_CASE("an encoder goes over all sessions as often again, if that takes no longer than it may") {
  CHECK(FinalPassesFor(0, 0) == 1);
  CHECK(FinalPassesFor(317'000, 8'444) == 1);
  CHECK(FinalPassesFor(160'000, 16'000) == 1);
  // 14 passes over 700,000: 9.8 of 15.6 million.
  CHECK(EpochsFor(700'000, 10'000) == 14);
  CHECK(FinalPassesFor(700'000, 10'000) == doctest::Approx(15.6 / 9.8 - 1));
  CHECK(FinalPassesFor(4'000'000, 43'000) == doctest::Approx(0.3));
}

TEST_CASE("with features only logs that are learned soon have a second encoder") {
  CHECK(TimeForTwo(100'000, 2'500, true));
  CHECK_FALSE(TimeForTwo(850'000, 43'000, true));
  CHECK(TimeForTwo(850'000, 43'000, false));
  // Two encoders of 14 passes over the earlier sessions and 14 over all of 278,571 examples are
  // just within 15.6 million.
  CHECK(EpochsFor(278'571, 2'785) == 14);
  CHECK(TimeForTwo(278'571, 2'785, true));
  CHECK_FALSE(TimeForTwo(278'572, 2'785, true));
}
