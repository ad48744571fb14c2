#include "manager/manager.h"

#include <utility>

#include "manager/access/authenticator.h"
#include "manager/fleet/agent_server.h"
#include "manager/fleet/fleet_api.h"
#include "manager/fleet/fleet_metrics.h"
#include "manager/fleet/fleet_status.h"
#include "manager/fleet/fleet_view.h"
#include "manager/resources/kinds.h"
#include "manager/rest/access_api.h"
#include "manager/rest/answer.h"
#include "manager/rest/api_server.h"
#include "manager/rest/asset_api.h"
#include "manager/rest/draft_api.h"
#include "manager/rest/enrolment_api.h"
#include "manager/rest/event_stream.h"
#include "manager/rest/explain_api.h"
#include "manager/rest/log_api.h"
#include "manager/rest/resource_api.h"
#include "manager/rest/revision_api.h"
#include "manager/rest/user_tls.h"
#include "manager/revisions/leadership.h"
#include "manager/steering/atlas_thread.h"
#include "manager/steering/publisher.h"
#include "manager/steering/steering_status.h"
#include "manager/store/open_store.h"
#include "net/listener.h"
#include "redirector_dns/geography/geography_file.h"
#include "tmp_protocol/fingerprint.h"
#include "tmp_protocol/identity_files.h"

namespace ringway::manager {

namespace {

RolloutPace rollout_pace(const Settings& settings) {
  const auto seconds = [](Duration duration) { return std::chrono::ceil<std::chrono::seconds>(duration); };
  return {seconds(settings.rollout.gate), seconds(settings.rollout.apply_limit), seconds(settings.rollout.lost_limit)};
}

std::vector<std::string> manager_addresses(const Settings& settings) {
  if (!settings.agents) return {};
  return settings.agents->reached_at.empty() ? std::vector{settings.agents->address.text()}
                                             : settings.agents->reached_at;
}

}  // namespace

class Manager::Impl final : private net::AcceptHandler {
 public:
  Impl(ManagerParts parts, std::shared_ptr<const Settings> settings)
      : parts_(std::move(parts)),
        settings_(std::move(settings)),
        loop_(parts_.worker.loop()),
        log_("manager", settings_->log, parts_.log_sink, loop_.clock),
        ledger_(resource_kinds()),
        writer_(
            ledger_, loop_.clock,
            [this](const Batch& batch, const std::function<void(WriteResult)>& then) { return write(batch, then); },
            [this] { leadership_->distrust(); }),
        remembered_(ledger_, loop_.clock),
        requests_(ledger_, writer_, remembered_),
        api_({router_, authenticator_, remembered_, [this](const Record& record) { note_use(record); }}, loop_, log_),
        resources_(ledger_, requests_, loop_.clock),
        revisions_(ledger_, requests_, loop_.clock),
        drafts_(ledger_, requests_, loop_),
        access_(ledger_, requests_, loop_),
        enrolments_(ledger_, requests_, loop_, {[this] { return fingerprint_; }, manager_addresses(*settings_)}),
        logs_(ledger_, [this](const auto& log, auto before, auto most,
                              const auto& then) { return read_older(log, before, most, then); }),
        stream_(ledger_, authenticator_, loop_, [this] { return status_json(*fleet_); }) {
    resources_.add_to(router_);
    revisions_.add_to(router_);
    drafts_.add_to(router_);
    access_.add_to(router_);
    enrolments_.add_to(router_);
    logs_.add_to(router_);
    stream_.add_to(router_);
    add_asset_operations(router_);
    add_open_operations();
  }

  ~Impl() override {
    agents_.reset();
    listener_.reset();
    atlases_.reset();
    store_.reset();
  }

  Status start() {
    auto store = open_store(settings_->store);
    if (!store) return store.error();
    store_ = StoreThread::make(
        std::move(*store), [this](const std::function<void()>& work) { post(work); }, [this] { leadership_->look(); });
    if (store_ == nullptr) return internal_error("no descriptor is left for the store's thread");
    leadership_ =
        std::make_unique<Leadership>(*store_, ledger_, writer_, loop_, log_, settings_->name, [this] { on_news(); });
    leadership_->start();
    const Status authority = open_authority();
    if (!authority) return authority;
    const Status fleet = start_fleet();
    return fleet ? listen() : fleet;
  }

  void stop(std::function<void()> then) { leadership_->resign(std::move(then)); }
  [[nodiscard]] SocketAddress api_address() const { return listener_->address(); }

  [[nodiscard]] std::optional<SocketAddress> agents_address() const {
    return agents_ == nullptr ? std::nullopt : std::optional(agents_->address());
  }

 private:
  Status open_authority() {
    if (settings_->authority.empty()) return {};
    auto opened = tmp::open_authority(settings_->authority, loop_.clock.wall());
    if (!opened) return opened.error();
    authority_ = std::make_shared<const tmp::Authority>(std::move(opened->authority));
    const auto fingerprint = tmp::fingerprint_of(authority_->certificate);
    if (!fingerprint) return fingerprint.error();
    fingerprint_ = *fingerprint;
    return {};
  }

  [[nodiscard]] Result<SharedGeography> read_geography() const {
    if (settings_->geography.empty()) return SharedGeography();
    auto networks = dns::read_geography(settings_->geography);
    if (!networks) return networks.error();
    return std::make_shared<const std::vector<dns::steering::ClientPlan>>(std::move(*networks));
  }

  /// Agents' part: what lives, beside what should be.
  Status start_fleet() {
    FleetParts parts{
        loop_,          log_, ledger_, writer_, [this] { return lead(); }, authority_, rollout_pace(*settings_),
        settings_->name};
    fleet_ = std::make_unique<Fleet>(std::move(parts));
    atlases_ = std::make_unique<AtlasThread>([this](const std::function<void()>& work) { post(work); });
    auto geography = read_geography();
    if (!geography) return geography.error();
    publisher_ =
        std::make_unique<Publisher>(PublisherParts{loop_, log_, *fleet_, writer_,
                                                   [this](SteeringFacts facts, WallTime wall, AtlasThread::Then then) {
                                                     atlases_->ask(std::move(facts), wall, std::move(then));
                                                   },
                                                   std::move(*geography)});
    fleet_api_ = std::make_unique<FleetApi>(*fleet_, writer_);
    fleet_api_->add_to(router_);
    add_steering_operation();
    view_ = std::make_unique<FleetView>(*fleet_, *publisher_);
    explain_ = std::make_unique<ExplainApi>(ledger_, *view_);
    explain_->add_to(router_);
    if (!settings_->agents) return {};
    auto server =
        AgentServer::open(parts_.worker, {settings_->agents->address, settings_->name}, authority_, *fleet_, log_);
    if (!server) return server.error();
    agents_ = std::move(*server);
    return {};
  }

  [[nodiscard]] Lead lead() const { return {leadership_->leads(), leadership_->epoch(), leadership_->leader()}; }

  Status listen() {
    net::ListenSettings listen;
    listen.address = settings_->api.address;
    listen.max_connections = limits::kMaxApiConnections;
    const Status tls = speak_tls(listen);
    if (!tls) return tls;
    auto listener = net::Listener::open(parts_.worker, listen, *this);
    if (!listener) return listener.error();
    listener_ = std::move(*listener);
    log_.info("serving", {{"address", listener_->address().text()}, {"store", store_name(settings_->store)}});
    return {};
  }

  /// Where there is an authority, users may come with its certificates.
  Status speak_tls(net::ListenSettings& listen) {
    if (!settings_->api.tls) return {};
    auto context = net::TlsServerContext::load(settings_->api.tls->certificate, settings_->api.tls->key);
    if (!context) return context.error();
    listen.tls = *context;
    if (authority_ == nullptr) return {};
    auto door = UserDoor::open(*context, *authority_);
    if (!door) return door.error();
    listen.make_tls = [door = *door](net::Worker& worker, net::Descriptor fd, const SocketAddress& remote) {
      return door->accepted(worker, std::move(fd), remote);
    };
    return {};
  }

  void on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& info) override {
    api_.accept(std::move(stream), {info.remote.ip, info.certificate});
  }

  /// From the store's thread. What it has to say must not be lost, so it waits where the worker has no room.
  void post(const std::function<void()>& work) {
    while (!parts_.worker.post(work)) std::this_thread::yield();
  }

  bool write(const Batch& batch, const std::function<void(WriteResult)>& then) {
    return store_->ask([batch, epoch = leadership_->epoch()](Store& store) { return store.write(batch, epoch); },
                       [this, batch, then](const WriteResult& result) {
                         if (result.written == Written::done) take(batch.records);
                         then(result);
                         take_revocations();
                         stream_.look();
                         fleet_->look();
                       });
  }

  bool read_older(const std::string& log, std::uint64_t before, std::size_t most,
                  const std::function<void(const LogApi::Entries&)>& then) {
    return store_->ask([log, before, most](Store& store) { return store.log_before(log, before, most); }, then);
  }

  /// Lost where it cannot be written now: the token's next use says it again.
  void note_use(const Record& record) {
    if (!leadership_->leads()) return;
    writer_.submit(
        [record](const Ledger& ledger) -> std::variant<Writing, Problem> {
          Writing writing;
          if (ledger.record(record.kind, record.name) != nullptr) writing.records.push_back(record);
          return writing;
        },
        [](const std::optional<Problem>&) {});
  }

  void take(const std::vector<Record>& records) {
    for (const Record& record : records) {
      const Status taken = authenticator_.take(record);
      if (!taken) log_.error("a record cannot be read", {{"reason", taken.error().message}});
    }
  }

  void take_revocations() {
    authenticator_.set_revocations(std::make_shared<const tmp::Revocations>(revocations_of(ledger_)));
  }

  /// Something was read from the store.
  void on_news() {
    take_revocations();
    for (const std::string_view kind : {kApiTokenKind, kUserKind}) {
      take(authenticator_.removals(kind, ledger_.records(kind)));
      for (const auto& [name, content] : ledger_.records(kind)) take({{std::string(kind), name, content}});
    }
    if (leadership_->leads() && authenticator_.tokens().empty()) make_first_token();
    stream_.look();
    if (fleet_ != nullptr) fleet_->look();
  }

  void make_first_token() {
    auto made = std::make_shared<MadeApiToken>(make_one_time_token(loop_.clock.wall(), loop_.random));
    writer_.submit(
        [made](const Ledger&) -> std::variant<Writing, Problem> {
          Writing writing;
          writing.records = made->writes;
          return writing;
        },
        [this, made](const std::optional<Problem>& problem) {
          if (!problem) parts_.on_first_token(made->text);
        });
  }

  void add_steering_operation() {
    router_.add({"GET",
                 "/v1/steering",
                 "steering",
                 "Where redirectors send clients: POPs with how full they are, what they pass on and who goes there.",
                 Need{Action::read, Domain::overlay},
                 {},
                 nullptr,
                 nullptr,
                 [this](const Request&, const PathValues&, const Respond& respond) {
                   respond(json_reply(steering_json(*publisher_)));
                 }});
  }

  void add_open_operations() {
    router_.add({"GET",
                 "/openapi.json",
                 "openapi",
                 "This document.",
                 std::nullopt,
                 {},
                 nullptr,
                 nullptr,
                 [this](const Request&, const PathValues&, const Respond& respond) {
                   Reply reply;
                   reply.body = openapi_document(router_, parts_.version);
                   respond(reply);
                 }});
    router_.add({"GET",
                 "/healthz",
                 "health",
                 "Whether the manager runs.",
                 std::nullopt,
                 {},
                 nullptr,
                 nullptr,
                 [this](const Request&, const PathValues&, const Respond& respond) { respond(health()); }});
    router_.add({"GET",
                 "/metrics",
                 "metrics",
                 "Figures for Prometheus, in its text format 0.0.4.",
                 Need{Action::read, Domain::overlay},
                 {},
                 nullptr,
                 nullptr,
                 [this](const Request&, const PathValues&, const Respond& respond) { respond(metrics()); }});
  }

  [[nodiscard]] Reply metrics() const {
    Metrics metrics;
    metrics.gauge("ringway_manager_leads", "1 while this manager is the one that writes.")
        .set(leadership_->leads() ? 1 : 0);
    metrics.gauge("ringway_manager_store_well", "1 while the store can be read and written.")
        .set(leadership_->trouble().empty() ? 1 : 0);
    collect_api_metrics(metrics, api_);
    collect_fleet_metrics(metrics, *fleet_);
    collect_steering_metrics(metrics, *publisher_);
    const Metrics* const all[] = {&metrics};
    return {200, "text/plain; version=0.0.4; charset=utf-8", prometheus_text(all), {}, nullptr};
  }

  [[nodiscard]] Reply health() const {
    Reply reply;
    reply.type = "text/plain; charset=utf-8";
    const std::string& trouble = leadership_->trouble();
    reply.status = trouble.empty() ? 200 : 503;
    reply.body = !trouble.empty() ? trouble + "\n" : leadership_->leads() ? "leading\n" : "following\n";
    return reply;
  }

  ManagerParts parts_;
  std::shared_ptr<const Settings> settings_;
  Loop loop_;
  Log log_;
  Ledger ledger_;
  Authenticator authenticator_;
  Writer writer_;
  Router router_;
  RememberedReplies remembered_;
  RequestWriter requests_;
  ApiServer api_;
  ResourceApi resources_;
  RevisionApi revisions_;
  DraftApi drafts_;
  AccessApi access_;
  std::shared_ptr<const tmp::Authority> authority_;  // null: none here
  std::optional<tmp::Digest> fingerprint_;           // of its certificate
  EnrolmentApi enrolments_;
  LogApi logs_;
  EventStream stream_;
  std::unique_ptr<StoreThread> store_;
  std::unique_ptr<Leadership> leadership_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<AtlasThread> atlases_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<FleetApi> fleet_api_;
  std::unique_ptr<FleetView> view_;
  std::unique_ptr<ExplainApi> explain_;
  std::unique_ptr<AgentServer> agents_;
  std::unique_ptr<net::Listener> listener_;
};

Result<std::unique_ptr<Manager>> Manager::open(ManagerParts parts, std::shared_ptr<const Settings> settings) {
  auto impl = std::make_unique<Impl>(std::move(parts), std::move(settings));
  const Status started = impl->start();
  if (!started) return started.error();
  return std::unique_ptr<Manager>(new Manager(std::move(impl)));
}

Manager::Manager(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Manager::~Manager() = default;

SocketAddress Manager::api_address() const { return impl_->api_address(); }
std::optional<SocketAddress> Manager::agents_address() const { return impl_->agents_address(); }
void Manager::stop(std::function<void()> then) { impl_->stop(std::move(then)); }

}  // namespace ringway::manager
