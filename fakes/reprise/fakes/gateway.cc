#include "reprise/fakes/gateway.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>

namespace reprise::fakes {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::optional<std::string> mapped(const HttpRequest& request, const std::string& header) {
  std::string value = header.empty() ? "" : request.header(header);
  if (value.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::string HttpRequest::header(std::string name) const {
  const auto found = headers.find(lower_case(std::move(name)));
  return found == headers.end() ? "" : found->second;
}

HttpResponse message_response(int status, const std::string& message) {
  HttpResponse response;
  response.status = status;
  response.body = nlohmann::json{{"message", message}}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

Gateway& Gateway::start(const std::string& path, StartRoute route) {
  routes_[path] = {std::move(route), nullptr};
  return *this;
}

Gateway& Gateway::proxy(const std::string& path, Proxy function) {
  routes_[path] = {{}, std::make_shared<const Proxy>(std::move(function))};
  return *this;
}

HttpResponse Gateway::handle(const HttpRequest& request, std::source_location location) const {
  const auto route = routes_.find(request.path);
  if (route == routes_.end() || request.method != "POST") {
    return message_response(403, "Missing Authentication Token");
  }
  if (route->second.proxy == nullptr) {
    return start_function(route->second.start, request, location);
  }
  try {
    return (*route->second.proxy)(request);
  } catch (const std::exception&) {
    return message_response(502, "Internal server error");
  }
}

HttpResponse Gateway::start_function(const StartRoute& route, const HttpRequest& request,
                                     const std::source_location& location) const {
  std::string missing;
  for (const std::string& header : route.required_headers) {
    if (request.header(header).empty()) missing += (missing.empty() ? "" : ", ") + header;
  }
  if (!missing.empty()) {
    return message_response(400, "Missing required request parameters: [" + missing + "]");
  }
  StartRequest start;
  start.function_name = route.function;
  start.payload = SharedText(request.body);
  start.execution_name = mapped(request, route.name_header);
  start.tenant_id = mapped(request, route.tenant_header);
  const ClientAnswer answer = client_.send(std::move(start), location);
  if (answer.http_status == 0) return {};
  if (!answer.ok()) return message_response(answer.http_status, answer.message);
  HttpResponse response;
  response.status = answer.http_status;
  response.headers["x-amz-durable-execution-arn"] = answer.execution_arn;
  return response;
}

}  // namespace reprise::fakes
