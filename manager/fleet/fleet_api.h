#pragma once
// The live fleet over REST. All of it is what this manager knows now; one that does not lead says 503 where only the
// leader knows.
//
//   GET    /v1/status                                  everything at a glance
//   GET    /v1/nodes, /v1/nodes/{id}                   gateways; id: "frontend:pop-1"
//   GET    /v1/links
//   POST   /v1/links/{frontend}/{backend}/close        ends a live link; it is made again
//   GET    /v1/assignments, /v1/assignments/{site}     who serves which site, since when
//   GET    /v1/frontends-for?site=&client=             where to send a client
//   GET    /v1/clients                                 round-trip times by network; ?cursor=
//   GET    /v1/drains, PUT and DELETE /v1/drains/{target}
//   GET    /v1/rollouts
//   POST   /v1/takeover                                this manager's history counts

#include "manager/fleet/fleet.h"
#include "manager/rest/router.h"

namespace ringway::manager {

class FleetApi {
 public:
  /// All outlive the router's operations.
  FleetApi(Fleet& fleet, Writer& writer) : fleet_(fleet), writer_(writer) {}
  void add_to(Router& router);

 private:
  using Answer = std::variant<Reply, Problem>;
  using Read = Answer (FleetApi::*)(const Request&, const PathValues&) const;

  void add_read(Router& router, const char* pattern, const char* id, const char* summary, Need need, Read read,
                std::vector<QueryParameter> query = {});
  void add_changes(Router& router);

  [[nodiscard]] Answer status(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer nodes(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer node(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer links(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer assignments(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer assignment(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer frontends_for(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer clients(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer drains(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer rollouts(const Request& request, const PathValues& values) const;

  void close_link(const Request& request, const PathValues& values, const Respond& respond);
  void drain(const Request& request, const PathValues& values, const Respond& respond);
  void undrain(const Request& request, const PathValues& values, const Respond& respond);
  void take_over(const Request& request, const PathValues& values, const Respond& respond);
  void write(const Request& request, Writer::Prepare prepare, std::string reply, const Respond& respond);

  Fleet& fleet_;
  Writer& writer_;
};

}  // namespace ringway::manager
