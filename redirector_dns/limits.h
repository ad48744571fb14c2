#pragma once
// The redirector's bounds and defaults; units are in the names or in the types.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/limits.h"

namespace ringway::limits {

using namespace std::chrono_literals;

// Answers
/// The longest answer by UDP that is not torn into fragments on the way.
inline constexpr std::uint16_t kDnsUdpOctets = 1232;
/// What everybody takes; also where an answer is written there is room for so much.
inline constexpr std::size_t kMinDnsAnswerOctets = 512;
/// The name by which a redirector tells which one it is (RFC 5001).
inline constexpr std::size_t kMaxNsidOctets = 64;
/// Addresses of a steered name that one answer holds, of each family; what is beyond is left out.
inline constexpr std::size_t kMaxSteeredAddresses = 16;
inline constexpr std::size_t kMaxSteeredAlpnOctets = 64;
inline constexpr std::size_t kMaxZoneOctets = 64U << 20;
inline constexpr std::size_t kMaxZoneRecords = 1'000'000;
/// With names that have no records and only others below them.
inline constexpr std::size_t kMaxZoneNames = 2'000'000;
/// Of a zone that a manager tells: whoever may write one has the manager and all redirectors read it while others wait,
/// and a few words of $GENERATE make much.
inline constexpr std::size_t kMaxToldZoneOctets = 4U << 20;
inline constexpr std::size_t kMaxToldZoneNames = 250'000;
/// All data of one name and type: it must fit into one message, with the question and the OPT record.
inline constexpr std::size_t kMaxRrSetOctets = 60'000;
inline constexpr std::size_t kMaxZones = 100'000;
/// Of one zone: files that it includes, in how many steps, and records that $GENERATE makes of templates, each word of
/// which is at most so long.
inline constexpr std::size_t kMaxIncludedFiles = 1000;
inline constexpr std::size_t kMaxIncludeDepth = 8;
inline constexpr std::size_t kMaxGeneratedRecords = 65'536;
inline constexpr std::size_t kMaxGeneratedOctets = 4096;
/// Of a server's cookie: how long it is good, after how long it is renewed, and by how much servers' clocks may differ.
inline constexpr std::chrono::seconds kCookieLife = 3600s;
inline constexpr std::chrono::seconds kCookieRenewal = 1800s;
inline constexpr std::chrono::seconds kCookieClockSkew = 300s;
/// Networks whose rate one worker watches, 16 octets each.
inline constexpr std::size_t kRateTableSlots = 1 << 16;
/// A query by TCP: a question and an OPT record.
inline constexpr std::size_t kMaxDnsQueryOctets = 4096;
/// Of one listener, of which each worker has its own; and of these from one IPv4 address or IPv6 /64, so that nobody
/// alone keeps all others out (RFC 7766 §6.2.2).
inline constexpr std::size_t kMaxDnsTcpConnections = 4096;
inline constexpr std::size_t kMaxDnsTcpPerAddress = 256;
/// Until the next whole query of a TCP connection (RFC 7766 §6.2.3).
inline constexpr std::chrono::seconds kDnsTcpIdle = 10s;
/// Until a process that takes another's sockets over serves, and how long the other's TCP connections then may last.
inline constexpr std::chrono::seconds kHandoverLimit = 60s;
inline constexpr std::chrono::seconds kHandoverDrain = 15s;
/// How long the one record that answers ANY may be remembered.
inline constexpr std::chrono::seconds kAnyTtl = 3600s;

// Steering (steering/)
/// A cell of clients moves as one: no larger than the first, cut no finer than the second, in bits of its network, and
/// with no more than this share of the demand of the POP that it is nearest to.
inline constexpr std::uint8_t kCoarsestCellV4 = 16;
inline constexpr std::uint8_t kCoarsestCellV6 = 32;
inline constexpr std::uint8_t kFinestCellV4 = 24;
inline constexpr std::uint8_t kFinestCellV6 = 48;
inline constexpr double kMostCellShare = 0.005;
inline constexpr std::size_t kMaxSteeredNameOctets = 255;
/// Of a database of places, when equal neighbours are joined.
inline constexpr std::size_t kMaxGeographyNetworks = 50'000;
inline constexpr std::size_t kMaxPops = 256;
inline constexpr std::size_t kMaxSteeredFrontends = 4096;
inline constexpr std::size_t kMaxSteeredSites = 100'000;
/// Of all kinds of clients for all classes of sites.
inline constexpr std::size_t kMaxSteeredOrders = 4'000'000;
inline constexpr std::size_t kMaxCellRanges = 1 << 20;
inline constexpr std::size_t kMaxSlottedResolvers = 10'000;
/// The nearest POPs of a client that are asked in order; beyond them the lot decides.
inline constexpr std::size_t kMaxOrderPops = 8;
/// In one answer; and addresses of one front-end, of each family.
inline constexpr std::size_t kMaxAnswerFrontends = 4;
inline constexpr std::size_t kMaxFrontendAddresses = 4;
inline constexpr std::chrono::seconds kSteeredTtl = 20s;
inline constexpr std::chrono::seconds kMinSteeredTtl = 5s;
inline constexpr std::chrono::seconds kMaxSteeredTtl = 3600s;
/// Of two POPs for a client, one takes the other's place where it is better by more than both for so long.
inline constexpr double kBetterShare = 0.10;
inline constexpr double kBetterMs = 5;
inline constexpr std::chrono::seconds kBetterFor = 180s;
/// What a link that is not up yet costs beside its distance.
inline constexpr double kColdLinkMs = 10;
/// A measured round trip counts for half after so long, and the places for the rest.
inline constexpr std::chrono::hours kRoundTripHalfLife{24};
/// Texts of atlases and levels.
inline constexpr std::size_t kMaxAtlasOctets = 64U << 20;
inline constexpr std::size_t kMaxLevelsOctets = 1U << 20;
/// Of a site's front-ends, from one atlas to the next, without a person's word; or one.
inline constexpr double kMostFrontendsGone = 0.3;
/// An atlas that takes too much away at a time is used when levels have named it, or another such one, so many times in
/// a row: a manager that means it says so each second.
inline constexpr unsigned kInsistence = 60;
/// How often levels are kept on the disk, at most.
inline constexpr std::chrono::seconds kLevelsKept = 10s;
/// How old levels may be, which come each second: from the first on drains go on alone, up to the second all else
/// holds, at the third shares are the usual ones, at the fourth nobody sheds, and at the last everybody is well.
inline constexpr std::chrono::seconds kLevelsLate = 2s;
inline constexpr std::chrono::seconds kLoadHolds = 30s;
inline constexpr std::chrono::seconds kLoadIsUsual = 300s;
inline constexpr std::chrono::seconds kLoadIsNothing = 600s;
inline constexpr std::chrono::seconds kHealthHolds = 900s;
/// How full a POP is: above the first it sends clients on at once, until it is at the second; above the third gently
/// more of them, below the fourth slowly fewer.
inline constexpr double kShedJumpUse = 0.95;
inline constexpr double kShedTarget = 0.85;
inline constexpr double kShedRiseUse = 0.90;
inline constexpr double kShedReturnUse = 0.80;
/// How much more or fewer in a second, at most, and by how much for each full POP above or below the target, in a TTL.
inline constexpr double kShedRisePerSecond = 0.05;
inline constexpr double kShedReturnPerSecond = 0.01;
inline constexpr double kShedGain = 0.8;
/// Some clients always stay; only who drains sends all on.
inline constexpr double kMaxLoadShed = 0.95;
inline constexpr double kDrainPerSecond = 0.05;
/// What a POP that comes back begins with.
inline constexpr double kSlowStartShed = 0.9;
inline constexpr std::chrono::seconds kUseMemory = 3s;
inline constexpr std::chrono::seconds kUsualShedTime = 300s;
inline constexpr std::chrono::seconds kMaxShedGap = 5s;
/// Rounds in a row until a front-end is taken for ill, and for well again.
inline constexpr unsigned kIllRounds = 2;
inline constexpr unsigned kWellRounds = 5;
/// Whom nobody has looked at for so long is well.
inline constexpr std::chrono::seconds kHealthSilence = 60s;
inline constexpr std::chrono::seconds kFlapHalfLife = 300s;
inline constexpr double kFlapSuppress = 3;
inline constexpr double kFlapReuse = 1;
/// Of a site's front-ends; or one, or one POP.
inline constexpr std::size_t kOneInMayBeOut = 4;
/// Of a redirector's own checks: so many in a row until a front-end counts as ill, and as well again; how often each
/// is looked at, how long that may take, and connections that all of them have under way.
inline constexpr unsigned kFailedChecks = 3;
inline constexpr unsigned kPassedChecks = 2;
inline constexpr std::chrono::seconds kCheckInterval = 5s;
inline constexpr std::chrono::seconds kMinCheckInterval = 1s;
inline constexpr std::chrono::seconds kMaxCheckInterval = 30s;
inline constexpr std::chrono::seconds kCheckTimeout = 2s;
inline constexpr std::chrono::milliseconds kMinCheckTimeout = 100ms;
inline constexpr std::size_t kMaxChecksUnderWay = 256;

}  // namespace ringway::limits
