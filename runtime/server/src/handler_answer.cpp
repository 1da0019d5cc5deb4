#include "handler_answer.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

namespace seabag::server {
namespace {

using http::Status;

/// Content up to here is copied behind its head, which saves the kernel a second part.
constexpr std::size_t kCopied = 4 * 1024;

bool is_token(std::string_view name) {
  constexpr std::string_view kSpecial = "!#$%&'*+-.^_`|~";
  const auto is_token_char = [&](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           kSpecial.find(c) != std::string_view::npos;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char);
}

/// A value with a line end in it would be another field, or another answer.
bool is_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return x == y || ((x ^ y) == 0x20 && (x | 0x20) >= 'a' && (x | 0x20) <= 'z');
  });
}

bool is_owned(std::string_view name) {
  constexpr std::string_view kOwned[] = {"Content-Length",    "Connection", "Date",
                                         "Transfer-Encoding", "Keep-Alive", "Upgrade"};
  return std::any_of(std::begin(kOwned), std::end(kOwned),
                     [&](std::string_view owned) { return equal_ignoring_case(owned, name); });
}

bool has_content(Status status) {
  return status >= Status::ok && status != Status::no_content && status != Status::not_modified;
}

/// Renders the fields, or tells what is wrong with them.
std::string render_fields(const Response& response, std::string& fields) {
  if (!response.content_type.empty()) {
    if (!is_value(response.content_type)) {
      return "a control character in the content type";
    }
    fields += "Content-Type: " + response.content_type + "\r\nX-Content-Type-Options: nosniff\r\n";
  }
  for (const auto& [name, value] : response.fields) {
    if (!is_token(name) || !is_value(value) || is_owned(name)) {
      return "the field '" + (is_token(name) ? name : std::string("?")) + "' can't be sent";
    }
    fields += name + ": " + value + "\r\n";
  }
  return {};
}

Response call(const Handler& handler, const Request& request, std::string& trouble) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  return Response::error(Status::internal_server_error);
}

void add_body(std::string body, AnswerSink& sink) {
  if (body.size() <= kCopied) {
    sink.add_copy(body);
    return;
  }
  const auto owner = std::make_shared<const std::string>(std::move(body));
  sink.add({.bytes = owner->data(), .length = owner->size(), .owner = owner});
}

}  // namespace

AnswerRecord add_handled(const Handler& handler, const Request& request,
                         const http::RequestHead& head, const AnswerContext& context,
                         AnswerSink& sink, std::string& trouble) {
  Response response = call(handler, request, trouble);
  std::string fields;
  const std::string fault = render_fields(response, fields);
  if (!fault.empty() || response.status < Status::ok) {
    trouble = fault.empty() ? "a status that is no final one" : fault;
    return add_plain({.status = Status::internal_server_error, .part = part_for(head)}, context,
                     sink);
  }
  http::ResponseHead answer{.status = response.status,
                            .date = context.date,
                            .fields = fields,
                            .further_fields = context.fields,
                            .connection = context.connection};
  const std::uint64_t length = response.body.size();
  if (has_content(response.status)) {
    answer.content_length = length;
  }
  sink.add_head(answer);
  if (has_content(response.status) && head.method != http::Method::head) {
    add_body(std::move(response.body), sink);
  }
  return {.status = response.status, .content_length = length};
}

}  // namespace seabag::server
