#pragma once
// Every bound of the project in one place, units in the names. What an operator may change is a setting
// with one of these as its default or its ceiling.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ringway::limits {

using namespace std::chrono_literals;

// Link
inline constexpr std::size_t kMaxSiteNameOctets = 63;
inline constexpr std::chrono::milliseconds kMaxReconnectDelay = 2000ms;
inline constexpr std::size_t kMinPacketOctets = 1200;
inline constexpr std::size_t kMaxPacketOctets = 1472;
/// Unsent octets of one stream above which its writer is asked to wait.
inline constexpr std::size_t kStreamUnsentOctets = 128 * 1024;

// Recovery of one path of a link
/// Ranges of packet numbers in one acknowledgement.
inline constexpr std::size_t kMaxAckRanges = 64;
/// How long an acknowledgement may wait; both ends count on it.
inline constexpr std::chrono::milliseconds kMaxAckDelay = 5ms;
/// For so long a silent path is probed once in a probe time-out; then ever less, but at least so often.
inline constexpr std::chrono::seconds kEagerProbes = 10s;
inline constexpr std::chrono::milliseconds kMaxProbeInterval = 2000ms;
/// For how long the least RTT is remembered: longer than a queue of others stands, as long as a route may.
inline constexpr std::chrono::seconds kMinRttWindow = 300s;
/// Round trips over which the best delivery rate is remembered.
inline constexpr std::uint64_t kRateWindowRounds = 10;
/// What a late timer may catch up on.
inline constexpr std::chrono::milliseconds kPacerLateCredit = 5ms;
/// Packets of one path whose fate may be open at a time.
inline constexpr std::size_t kMaxTrackedPackets = 1 << 17;
/// Guarded packets of one link that are kept in case a repair names them: a group's span of numbers, and a little.
inline constexpr std::size_t kRepairKeptPackets = 256;
/// Client connections of one link that are told apart when N is counted.
inline constexpr std::size_t kMaxHostedConnections = 1024;

// Life of a link
/// An unanswered question makes the peer dead after this.
inline constexpr std::chrono::seconds kPeerSilenceLimit = 10s;
/// A silent link is asked so often, so that NATs keep it.
inline constexpr std::chrono::seconds kKeepaliveInterval = 15s;
/// The same where streams are open.
inline constexpr std::chrono::seconds kBusyKeepaliveInterval = 2s;
/// A handshake that hears nothing for so long is begun anew.
inline constexpr std::chrono::seconds kHandshakeSilenceLimit = 3s;
inline constexpr std::chrono::seconds kHandshakeLimit = 15s;
/// The first pause before a refused link is tried again; it doubles up to kMaxReconnectDelay.
inline constexpr std::chrono::milliseconds kMinReconnectDelay = 50ms;
/// A handshake whose packets get no answer over UDP for so long tries a carrier, TLS on TCP, beside it.
inline constexpr std::chrono::milliseconds kFallbackDelay = 300ms;
/// The same for a link that is up.
inline constexpr std::chrono::milliseconds kFallbackSilence = 2000ms;
/// A carrier that failed is made again after this.
inline constexpr std::chrono::milliseconds kCarrierRedialPause = 2000ms;
/// While carried UDP is tried after the first, and each time twice as long, up to the other.
inline constexpr std::chrono::seconds kMinUdpTrialPause = 1s;
inline constexpr std::chrono::seconds kMaxUdpTrialPause = 30s;
/// The first pause after an unanswered challenge of such a trial; it doubles four times.
inline constexpr std::chrono::milliseconds kUdpTrialInterval = 300ms;
/// How long a carrier is kept when its link is back on UDP: it may turn out to be needed again.
inline constexpr std::chrono::seconds kCarrierKeepTime = 5s;
/// A carrier that brings no datagram for so long is closed; a link's keepalives come four times as often.
inline constexpr std::chrono::seconds kCarrierIdleLimit = 60s;
/// TLS handshakes of carriers: how long one may take, how many are under way at a time, and how many of one address.
inline constexpr std::chrono::seconds kCarrierHandshakeLimit = 5s;
inline constexpr std::size_t kMaxCarrierHandshakes = 128;
inline constexpr std::size_t kMaxCarrierHandshakesPerAddress = 16;
/// Where the kernel chooses the port: so many whose TCP is taken by others are passed over.
inline constexpr std::size_t kMaxUnfitPorts = 16;
/// Carriers that one gateway has accepted and not closed.
inline constexpr std::size_t kMaxCarriers = 4096;
/// Octets that a carrier holds unsent in the kernel and, about as many, above it: what they delay the rings cannot.
inline constexpr std::size_t kCarrierUnsentOctets = 16 * 1024;
/// Fresh keys by a whole handshake inside the link.
inline constexpr std::chrono::minutes kRehandshakeInterval = 60min;
/// Fresh keys by derivation.
inline constexpr std::chrono::minutes kKeyUpdateInterval = 10min;
inline constexpr std::uint64_t kKeyUpdatePackets = 1ULL << 22;
inline constexpr std::chrono::milliseconds kMinQualityInterval = 100ms;
/// Receive windows of all links of one endpoint, and what readers hold of what came over them, together.
inline constexpr std::uint64_t kMaxReceiveOctets = 512ULL << 20;
/// Links that one peer may have here at a time (one for each of its workers).
inline constexpr std::size_t kMaxLinksPerPeer = 64;
/// A file of a certificate, a chain or a key.
inline constexpr std::size_t kMaxPemOctets = 256 * 1024;
/// Handshakes of strangers under way at a time.
inline constexpr std::size_t kMaxHandshakes = 1024;
/// Above so many, an INITIAL must bring a cookie.
inline constexpr std::size_t kHandshakesWithoutCookie = 32;

// HTTP
/// Back-ends that one exchange is tried on.
inline constexpr unsigned kMaxAttempts = 3;
/// Content of one request kept so that it can be done again elsewhere; longer ones are tried once.
inline constexpr std::size_t kMaxReplayOctets = 64 * 1024;
inline constexpr std::size_t kMaxDecodedPerFeed = 256 * 1024;

// HTTP messages (http/)
inline constexpr std::size_t kMaxMethodOctets = 32;
/// Longer content cannot be announced on the link.
inline constexpr std::uint64_t kMaxContentOctets = (std::uint64_t{1} << 62) - 1;
/// Extensions of all the chunks of one message.
inline constexpr std::size_t kMaxChunkExtensionOctets = 16 * 1024;
/// 1xx responses before the final one.
inline constexpr unsigned kMaxInterimHeads = 64;
/// A head or trailers as a record on the link.
inline constexpr std::size_t kMaxHeadRecordOctets = 512 * 1024;
/// Fields in one record on the link.
inline constexpr std::size_t kMaxExchangeFields = 1024;
/// zstd contexts that one thread lends out at a time (a compressor is about 0.6 MiB, a decompressor 0.3 MiB)
/// and that it keeps when they come back. Without a compressor content crosses as it is.
inline constexpr std::size_t kMaxLinkCompressors = 64;
inline constexpr std::size_t kMaxLinkDecompressors = 512;
inline constexpr std::size_t kSpareLinkCoders = 16;

// TCP
/// Received octets of one connection that were not yet consumed, above which it is not read.
inline constexpr std::size_t kTcpReceiveOctets = 128 * 1024;
/// Unsent octets of one connection above which its writer is asked to wait.
inline constexpr std::size_t kTcpUnsentOctets = 128 * 1024;

// Sockets (net/)
inline constexpr std::size_t kMaxConnectionsPerListener = 65536;
inline constexpr std::chrono::milliseconds kTlsHandshakeLimit = 10'000ms;
/// From the first packet to an open connection, TLS included.
inline constexpr std::chrono::milliseconds kConnectLimit = 5'000ms;
/// A finished and forgotten connection: how long its peer may take nothing of what is still to be sent.
inline constexpr std::chrono::milliseconds kLingerIdleLimit = 30'000ms;
/// The same: how long it may last in all.
inline constexpr std::chrono::milliseconds kLingerLimit = 300'000ms;
/// The same, once all is sent: how long the peer may take to close as well.
inline constexpr std::chrono::milliseconds kLingerCloseLimit = 5'000ms;
inline constexpr std::size_t kUdpSocketBufferOctets = 8 * 1024 * 1024;
/// Calls that other threads have posted to one worker.
inline constexpr std::size_t kPostedWork = 65536;

// Streams (tmp_protocol/)
/// What a peer may send on a new stream, and on all streams of a new link, before the first credit.
inline constexpr std::uint64_t kFirstStreamWindowOctets = 256 * 1024;
inline constexpr std::uint64_t kFirstLinkWindowOctets = 1536 * 1024;
/// Sites without an exchange whose turns a link still remembers.
inline constexpr std::size_t kMaxIdleSites = 256;
/// A finished and forgotten stream: how long its peer may take nothing of what is still to be sent.
inline constexpr std::chrono::milliseconds kStreamLingerLimit = 30'000ms;
/// Where kMaxReceiveOctets are taken: how long a stream's reader may take nothing of what it holds.
inline constexpr std::chrono::milliseconds kStalledReaderLimit = 2'000ms;

// The manager's store (manager/store)
/// A kind, a name, a log's name or an author.
inline constexpr std::size_t kMaxStoreKeyOctets = 512;
/// All texts of one batch.
inline constexpr std::size_t kMaxStoreBatchOctets = 64U << 20;
inline constexpr std::size_t kMaxBackupOctets = 4ULL << 30;
/// Records that are no more are remembered for so many batches: who has read none of them since reads all again.
inline constexpr std::uint64_t kStoreKeptPositions = 1 << 16;
/// A server that says nothing for so long is given up; so is another process that keeps a file locked.
inline constexpr std::chrono::seconds kStoreSilence = 5s;
/// The same while a schema is changed or everything is replaced.
inline constexpr std::chrono::seconds kStoreOverhaulSilence = 600s;
/// Jobs of a store's thread that were asked and not yet answered.
inline constexpr std::size_t kMaxStoreJobs = 1024;
// Assigner (manager/assigner/)
/// How full what serves a site is: a gateway is filled to the first by choice, above the second the site gets another,
/// above the third new clients go elsewhere at once; without one of its gateways it must stay below the fourth before
/// that one is released, and a gateway below it takes on more sites.
inline constexpr double kRoomyUse = 0.80;
inline constexpr double kCrowdedUse = 0.90;
inline constexpr double kFullUse = 0.95;
inline constexpr double kReleaseUse = 0.70;
/// What new clients are sent elsewhere for, and down to which they come back.
inline constexpr double kShedUse = 0.85;
inline constexpr double kMaxShed = 0.95;
/// A site that more of its requests are refused than this is crowded, whatever its gateways say.
inline constexpr double kMaxRefusedShare = 0.01;
/// One gateway is reassigned at most so often.
inline constexpr std::chrono::seconds kReassignPause = 60s;
/// After a change clients are not yet where they will be: about the time that a name's answer is kept, and a little.
inline constexpr std::chrono::seconds kSettleTime = 30s;
/// New clients are sent elsewhere at one go at most so often; and how long it takes until clients have followed.
inline constexpr std::chrono::seconds kShedPause = 5s;
inline constexpr std::chrono::seconds kFollowTime = 20s;
/// A gateway that was released keeps the site at least so long, and as long as somebody still comes, but no longer than
/// the other: some clients keep an answer for many times as long as they are told.
inline constexpr std::chrono::seconds kLeavingTime = 60s;
inline constexpr std::chrono::seconds kMaxLeavingTime = 1800s;
inline constexpr double kDeserted = 0.1;  // requests/s
/// How long a site must be able to do with one gateway less. It doubles when that was wrong within the third, and is as
/// at first again when it was not for the fourth.
inline constexpr std::chrono::seconds kCalmTime = 120s;
inline constexpr std::chrono::seconds kMaxCalmTime = 3600s;
inline constexpr std::chrono::seconds kRegretTime = 1800s;
inline constexpr std::chrono::seconds kForgiveTime = 7200s;
/// A gateway that was not heard for so long is away, and back when it was heard for the second.
inline constexpr std::chrono::seconds kGatewaySilence = 5s;
inline constexpr std::chrono::seconds kGatewayTrial = 10s;
/// How long a new leader waits for gateways before it takes them for away.
inline constexpr std::chrono::seconds kUnheardGrace = 15s;
/// Time constants of what is measured.
inline constexpr std::chrono::seconds kLoadMemory = 3s;
inline constexpr std::chrono::seconds kLinkMemory = 30s;
// --- The manager

/// Of a request to the REST API.
inline constexpr std::size_t kMaxApiHeadOctets = 32 * 1024;
inline constexpr std::size_t kMaxApiBodyOctets = 1024 * 1024;
/// What a client of the API has not read of a stream of events; then it is cut off.
inline constexpr std::size_t kMaxApiUnsentOctets = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxApiConnections = 1024;
/// Between two requests, and for reading one.
inline constexpr std::chrono::seconds kApiIdleLimit = 75s;
inline constexpr std::chrono::seconds kApiReadLimit = 20s;
/// A leader that renews nothing for so long leads no more; it renews each third of it.
inline constexpr std::chrono::milliseconds kLeaseLife = 6'000ms;
inline constexpr std::chrono::milliseconds kLeaseRenewal = 2'000ms;
/// How often a manager that does not lead looks for what the leader wrote, where nobody tells it.
inline constexpr std::chrono::milliseconds kStorePoll = 1'000ms;
/// One message between an agent and the manager; contents that are longer go in parts.
inline constexpr std::size_t kMaxAgentMessageOctets = 1024 * 1024;
/// Names and texts of all sections that one gateway has.
inline constexpr std::size_t kMaxContentSectionOctets = 64U << 20;
/// Contents whose refusal a gateway remembers.
inline constexpr std::size_t kMaxRefusedContents = 16;
inline constexpr std::size_t kMaxRefusalOctets = 16 * 1024;
/// A content is good when the gateway has lived with it for so long.
inline constexpr std::chrono::seconds kContentTrial = 10s;
/// The longest pause before a manager is called again, and what it grows to while none answers.
inline constexpr std::chrono::milliseconds kMinManagerPause = 500ms;
inline constexpr std::chrono::milliseconds kMaxManagerPause = 5'000ms;
/// A manager that was called and does not answer for so long is hung up on.
inline constexpr std::chrono::seconds kWelcomeLimit = 10s;
/// After so long without a manager expired certificates of known peers are taken.
inline constexpr std::chrono::seconds kManagerAwayLimit = 3s;
inline constexpr std::chrono::seconds kReportInterval = 1s;
/// What was sent and not acknowledged for so long ends the connection to a manager.
inline constexpr std::chrono::seconds kManagerSilence = 10s;
/// Networks of clients whose round trips one report tells of.
inline constexpr std::size_t kMaxReportedNetworks = 1000;
/// What one agent, and all of them, have not taken yet of what they are told; who takes nothing is hung up on, and
/// contents wait for their turn.
inline constexpr std::size_t kMaxAgentUnsentOctets = 192U << 20;
inline constexpr std::size_t kMaxAgentsUnsentOctets = 32U << 20;
/// Until an agent has said who it is, and between two of its messages: reports come each second.
inline constexpr std::chrono::seconds kAgentHelloLimit = 10s;
inline constexpr std::chrono::seconds kAgentSilence = 15s;
/// Contents that were sent and not answered for so long are sent again.
inline constexpr std::chrono::seconds kContentAnswerLimit = 30s;
inline constexpr std::size_t kMaxAgentConnections = 16384;
inline constexpr std::size_t kMaxAgentHandshakes = 1024;
inline constexpr std::size_t kMaxAgentHandshakesPerAddress = 256;
/// How often the fleet is looked at, and how soon where something has happened.
inline constexpr std::chrono::milliseconds kFleetTurn = 1'000ms;
inline constexpr std::chrono::milliseconds kFleetHaste = 20ms;
/// Gateways that no revision names are remembered so long.
inline constexpr std::chrono::minutes kStrangerMemory = 60min;
/// Networks of clients whose round trips are remembered, of all front-ends together, and for how long.
inline constexpr std::size_t kMaxClientNetworks = 50'000;
inline constexpr std::chrono::minutes kClientNetworkMemory = 60min;
/// The assignment is written so often at most.
inline constexpr std::chrono::seconds kAssignmentWritePause = 2s;
/// Events that one turn of the fleet may tell; what is above is counted.
inline constexpr std::size_t kMaxEventsPerTurn = 50;
/// Changes that wait for those before them.
inline constexpr std::size_t kMaxQueuedWrites = 1024;
/// Entries of each log that are held in memory; older ones are read from the store.
inline constexpr std::size_t kRememberedLogEntries = 1000;

/// Answers to POSTs that are remembered for who sends them again.
inline constexpr std::size_t kMaxIdempotencyKeyOctets = 255;
inline constexpr std::chrono::hours kIdempotencyLife{24};
inline constexpr std::size_t kMaxRememberedReplies = 1000;
inline constexpr std::size_t kMaxRememberedReplyOctets = 64 * 1024;
/// Clients that follow the stream of events.
inline constexpr std::size_t kMaxApiStreams = 64;
/// Enrolment tokens that are not used yet, API tokens, users.
inline constexpr std::size_t kMaxEnrolments = 10000;
inline constexpr std::size_t kMaxApiTokens = 10000;
inline constexpr std::size_t kMaxUsers = 10000;
/// Drafts in all, of one author, and what is in one of them.
inline constexpr std::size_t kMaxDrafts = 200;
inline constexpr std::size_t kMaxDraftsOfOne = 20;
inline constexpr std::size_t kMaxDraftChanges = 1000;
inline constexpr std::size_t kMaxDraftOctets = 1024 * 1024;

}  // namespace ringway::limits
