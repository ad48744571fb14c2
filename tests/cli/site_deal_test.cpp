#include "cli/site_deal.h"

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

backend::Settings with_sites(const std::vector<std::string>& names) {
  backend::Settings settings;
  for (const std::string& name : names) settings.sites.emplace_back().name = name;
  return settings;
}

TEST(SiteDeal, OneWorkerHasAll) {
  SiteDeal deal(1);
  deal.deal(with_sites({"shop", "news"}));
  EXPECT_EQ(deal.worker_of("shop"), 0U);
  EXPECT_EQ(deal.sites_of(0), (SiteNames{"news", "shop"}));
}

TEST(SiteDeal, OfTwoWorkersTheOneWithTheLinksComesLast) {
  SiteDeal deal(2);
  deal.deal(with_sites({"a", "b", "c"}));
  EXPECT_EQ(deal.sites_of(1), (SiteNames{"a", "c"}));
  EXPECT_EQ(deal.sites_of(0), (SiteNames{"b"}));
}

TEST(SiteDeal, OfThreeWorkersTheOneWithTheLinksHasNone) {
  SiteDeal deal(3);
  deal.deal(with_sites({"a", "b", "c", "d"}));
  EXPECT_EQ(deal.sites_of(2), (SiteNames{"a", "c"}));
  EXPECT_EQ(deal.sites_of(1), (SiteNames{"b", "d"}));
  EXPECT_TRUE(deal.sites_of(0).empty());
}

TEST(SiteDeal, SitesStayWhereTheyAre) {
  SiteDeal deal(2);
  deal.deal(with_sites({"a", "b", "c"}));
  deal.deal(with_sites({"c", "new"}));
  EXPECT_EQ(deal.worker_of("c"), 1U);
  EXPECT_EQ(deal.worker_of("new"), 0U);
  deal.deal(with_sites({"a", "b", "c"}));
  EXPECT_EQ(deal.worker_of("a"), 1U);
  EXPECT_EQ(deal.worker_of("b"), 0U);
}

TEST(SiteDeal, WhatNoSettingsNameIsTheFirstWorkers) { EXPECT_EQ(SiteDeal(4).worker_of("nowhere"), 0U); }

}  // namespace
}  // namespace ringway::cli
