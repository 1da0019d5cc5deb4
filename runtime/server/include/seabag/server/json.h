#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "seabag/http/json_writer.h"
#include "seabag/http/status.h"
#include "seabag/server/handler.h"
#include "seabag/server/router.h"

/// Handlers that speak JSON. Those that only answer write it with JsonWriter, the fastest way.
/// Those that read it use the type of a library that the app brings: nlohmann::json, or one with
/// the same `parse`, `dump` and exceptions. Nothing of it is linked where this is not used.
///
///   app.post("/sum", json_handler<nlohmann::json>([](const nlohmann::json& in, const Request&) {
///     return nlohmann::json{{"sum", in.at("a").get<int>() + in.at("b").get<int>()}};
///   }));
namespace seabag::server {

using http::JsonWriter;

/// `application/json`, or a type that ends in `+json`, whatever its parameters; any case.
[[nodiscard]] bool is_json_type(std::string_view content_type);

/// `{"error": MESSAGE}`.
[[nodiscard]] Response json_error(http::Status status, std::string_view message);

/// Where a byte of a text is: `line 2, column 5`, both counted from 1, columns in bytes.
[[nodiscard]] std::string place_in(std::string_view text, std::size_t byte);

/// The value as content; what is not UTF-8 in it is replaced.
template <typename Json>
[[nodiscard]] Response json_response(const Json& value, http::Status status = http::Status::ok) {
  Response response =
      Response::json(value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  response.status = status;
  return response;
}

/// A handler around a function `(const Json&, const Request&)` that returns a Json or a Response.
/// Content of another type is answered with 415; what is no JSON with 400 that says where; and so
/// is what the function finds wrong with it (a Json::exception), such as a member that is missing.
template <typename Json, typename Function>
[[nodiscard]] Handler json_handler(Function function) {
  return [function = std::move(function)](const Request& request) -> Response {
    const std::string_view body = request.body();
    if (!is_json_type(request.field("Content-Type").value_or(""))) {
      return json_error(http::Status::unsupported_media_type,
                        "the content must be application/json");
    }
    try {
      const Json value = Json::parse(body.begin(), body.end());
      using Answer = std::invoke_result_t<const Function&, const Json&, const Request&>;
      if constexpr (std::is_same_v<Answer, Response>) {
        return function(value, request);
      } else {
        return json_response<Json>(function(value, request));
      }
    } catch (const typename Json::parse_error& error) {
      const std::size_t byte = error.byte > 0 ? error.byte - 1 : 0;
      return json_error(http::Status::bad_request, "not JSON at " + place_in(body, byte));
    } catch (const typename Json::exception& error) {
      return json_error(http::Status::bad_request, error.what());
    }
  };
}

}  // namespace seabag::server
