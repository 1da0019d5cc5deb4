#include "handler_answer.h"

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <memory>
#include <utility>

namespace seabag::server {
namespace {

using http::Status;

/// Content up to here is copied behind its head, which saves the kernel a second part.
constexpr std::size_t kCopied = 4 * 1024;

/// Bytes of the fields of most answers, rendered.
constexpr std::size_t kUsualFields = 256;

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

/// `Upgrade` is the handler's where it asks for one (RFC 9110 §15.5.22).
bool is_owned(std::string_view name, Status status) {
  if (status == Status::upgrade_required && equal_ignoring_case(name, "Upgrade")) {
    return false;
  }
  constexpr std::string_view kOwned[] = {"Content-Length",    "Connection", "Date",
                                         "Transfer-Encoding", "Keep-Alive", "Upgrade"};
  return std::any_of(std::begin(kOwned), std::end(kOwned),
                     [&](std::string_view owned) { return equal_ignoring_case(owned, name); });
}

bool has_content(Status status) {
  return status >= Status::ok && status != Status::no_content && status != Status::not_modified;
}

void append(std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    text += part;
  }
}

/// Renders the fields, or tells what is wrong with them.
std::string render_fields(const Response& response, std::string& fields) {
  fields.reserve(kUsualFields);
  if (!response.content_type.empty()) {
    if (!is_value(response.content_type)) {
      return "a control character in the content type";
    }
    append(fields,
           {"Content-Type: ", response.content_type, "\r\nX-Content-Type-Options: nosniff\r\n"});
  }
  for (const auto& [name, value] : response.fields) {
    if (!is_token(name) || !is_value(value) || is_owned(name, response.status)) {
      return "the field '" + (is_token(name) ? name : std::string("?")) + "' can't be sent";
    }
    append(fields, {name, ": ", value, "\r\n"});
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

/// What is wrong with an answer; empty when nothing is.
std::string check(const Response& response, std::string& fields) {
  const bool is_final = response.status >= Status::ok;
  if (!is_final && response.status != Status::switching_protocols) {
    return "a status that is no final one";
  }
  return render_fields(response, fields);
}

AnswerRecord add_fault(AnswerPart part, const AnswerContext& context, AnswerSink& sink) {
  return add_plain({.status = Status::internal_server_error, .part = part}, context, sink);
}

}  // namespace

Response call_whole(const Handler& handler, const Request& request, std::string& trouble) {
  return call(handler, request, trouble);
}

AnswerRecord add_handled(const Handler& handler, const Request& request, AnswerPart part,
                         const AnswerContext& context, AnswerSink& sink, std::string& trouble) {
  return add_response(call(handler, request, trouble), part, context, sink, trouble);
}

AnswerRecord add_response(Response response, AnswerPart part, const AnswerContext& context,
                          AnswerSink& sink, std::string& trouble) {
  std::string fields;
  std::string fault = response.status == Status::switching_protocols
                          ? "a status that only a tunnel can answer with"
                          : check(response, fields);
  if (!fault.empty()) {
    trouble = std::move(fault);
    return add_fault(part, context, sink);
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
  if (has_content(response.status) && part == AnswerPart::head_and_content) {
    add_body(std::move(response.body), sink);
  }
  return {.status = response.status, .content_length = length};
}

Opened add_opening(const Opening& opening, const AnswerContext& context, AnswerSink& sink,
                   AnswerRecord& record, std::string& trouble) {
  const Response& response = opening.response;
  std::string fields;
  if (std::string fault = check(response, fields); !fault.empty()) {
    trouble = std::move(fault);
    record = add_fault(opening.part, context, sink);
    return Opened::complete;
  }
  const bool is_tunnel = response.status == Status::switching_protocols;
  const bool may_have_content = is_tunnel || has_content(response.status);
  if (may_have_content) {
    fields += opening.framing;
  }
  sink.add_head({.status = response.status,
                 .date = context.date,
                 .fields = fields,
                 .further_fields = context.fields,
                 .connection = is_tunnel ? http::ConnectionField::none : context.connection});
  record.status = response.status;
  return may_have_content && opening.part == AnswerPart::head_and_content ? Opened::with_content
                                                                          : Opened::complete;
}

}  // namespace seabag::server
