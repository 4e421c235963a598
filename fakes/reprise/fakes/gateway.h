#pragma once

#include <functional>
#include <map>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "reprise/fakes/durable_client.h"

namespace reprise::fakes {

struct HttpRequest {
  std::string method = "POST";
  std::string path = {};
  std::map<std::string, std::string> headers = {};  ///< names in lower case
  std::string body = {};

  /// Value of a header, in whatever case it is asked for; "": there is none.
  std::string header(std::string name) const;
  bool operator==(const HttpRequest&) const = default;
};

struct HttpResponse {
  int status = 0;  ///< 0: the process is dead; what a default-constructed response says
  std::string body;
  std::map<std::string, std::string> headers;

  bool ok() const { return status / 100 == 2; }
  bool operator==(const HttpResponse&) const = default;
};

/// A response whose body is {"message": ...}.
HttpResponse message_response(int status, const std::string& message);

/// How a route starts a durable function.
struct StartRoute {
  std::string function = {};  ///< qualified: "workflow:$LATEST"
  /// The header that is mapped to the tenant of the invocation (X-Amz-Tenant-Id); "": none is.
  std::string tenant_header = {};
  /// The header that is mapped to the name of the execution; "": executions have no names.
  std::string name_header = {};
  /// Headers without which the gateway refuses a request.
  std::vector<std::string> required_headers = {};
};

/// An HTTP gateway before functions, in the manner of Amazon API Gateway (REST API).
///
///     Gateway gateway;
///     gateway.start("/workflow", {.function = "workflow:$LATEST", .tenant_header =
///     "x-tenant-id"}); gateway.proxy("/callback", [&](const HttpRequest& request) { return
///     callback(request); });
///
///     scenario.external_event("acme asks", [] { return true; }, [&] {
///       gateway.handle({.path = "/workflow", .headers = {{"x-tenant-id", "acme"}}, .body = "{}"});
///     });
///
/// Has of the real service:
/// - routes by method and path; another one is answered 403 "Missing Authentication Token";
/// - required headers: 400 "Missing required request parameters: [x-tenant-id]", and the function
///   is not called;
/// - the asynchronous start of a function: 202 and the header x-amz-durable-execution-arn, with
///   headers mapped to tenant and execution name.  What the service refuses is answered with its
///   status and message: 400 for a tenant that is missing, 404 for a function, 409 for a name that
///   was given to another payload;
/// - proxy routes, whose function makes the response; what it throws is 502 "Internal server
///   error".
///
/// Leaves out: authorisers, keys and quotas, stages, mapping templates (the body is the payload),
/// queries and path parameters, timeouts, size limits, and that a proxy function runs in a process
/// of its own that may die.
///
/// A start is one effect, that of its DurableClient; a proxy route makes those that its function
/// makes.
///
/// A copyable value, part of a world.  Compared by its routes, whose code has no value.
class Gateway {
 public:
  using Proxy = std::function<HttpResponse(const HttpRequest& request)>;

  /// `name` is what the ledger and reports call it.
  explicit Gateway(std::string name = "gateway") : client_(std::move(name)) {}

  /// POST to `path` starts a durable function.
  Gateway& start(const std::string& path, StartRoute route);
  /// POST to `path` is answered by a function.  What it captures by reference must outlive this
  /// object's copies.
  Gateway& proxy(const std::string& path, Proxy function);

  HttpResponse handle(const HttpRequest& request,
                      std::source_location location = std::source_location::current()) const;

  bool operator==(const Gateway&) const = default;

 private:
  struct Route {
    StartRoute start;
    std::shared_ptr<const Proxy> proxy;  // null: starts
    bool operator==(const Route& other) const {
      return (proxy == nullptr) == (other.proxy == nullptr) &&
             start.function == other.start.function;
    }
  };

  HttpResponse start_function(const StartRoute& route, const HttpRequest& request,
                              const std::source_location& location) const;

  DurableClient client_;
  std::map<std::string, Route> routes_;  // by path
};

}  // namespace reprise::fakes
