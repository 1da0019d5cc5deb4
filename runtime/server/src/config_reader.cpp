#include "config_reader.h"

#include <algorithm>

namespace seabag::server {

Result<const toml::table*> ConfigReader::table(const toml::table& parent, const char* key) const {
  const toml::node* node = parent.get(key);
  if (node != nullptr && !node->is_table()) {
    return fault(*node, std::string(key) + " must be a table, as in [" + key + "]");
  }
  return node == nullptr ? nullptr : node->as_table();
}

Result<std::vector<const toml::table*>> ConfigReader::tables(const toml::table& site,
                                                             const char* key) const {
  std::vector<const toml::table*> found;
  const toml::node* node = site.get(key);
  const toml::array* array = node == nullptr ? nullptr : node->as_array();
  if (node != nullptr && (array == nullptr || !array->is_homogeneous<toml::table>())) {
    return fault(*node, std::string(key) + " must be tables, as in [[site." + key + "]]");
  }
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    found.push_back(array->get(i)->as_table());
  }
  return found;
}

Result<void> ConfigReader::only(const toml::table& table, const std::string& name,
                                const std::vector<std::string>& known) const {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
      std::string list;
      for (const std::string& one : known) {
        list += (list.empty() ? "" : ", ") + one;
      }
      return fault_at(key.source(), "unknown key '" + std::string(key.str()) + "' in " + name +
                                        " (there are: " + list + ")");
    }
  }
  return {};
}

Result<std::optional<std::int64_t>> ConfigReader::whole_number(const toml::table& table,
                                                               const char* key, Range range) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    return std::optional<std::int64_t>();
  }
  const std::optional<std::int64_t> value = node->value_exact<std::int64_t>();
  if (!value || *value < range.first || *value > range.last) {
    return fault(*node, std::string(key) + " must be a whole number from " +
                            std::to_string(range.first) + " to " + std::to_string(range.last));
  }
  return value;
}

Result<void> ConfigReader::seconds(const toml::table& table, const char* key,
                                   net::Milliseconds& target) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    return {};
  }
  const std::optional<double> value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value || !(*value > 0 && *value <= static_cast<double>(kMaxSeconds))) {
    return fault(*node, std::string(key) + " must be a number of seconds above 0, at most " +
                            std::to_string(kMaxSeconds));
  }
  target = std::max<net::Milliseconds>(1, static_cast<net::Milliseconds>(*value * 1000));
  return {};
}

Result<void> ConfigReader::seconds_or_none(const toml::table& table, const char* key,
                                           net::Milliseconds& target) const {
  const toml::node* node = table.get(key);
  if (node != nullptr && node->is_number() && node->value<double>() == 0.0) {
    target = 0;
    return {};
  }
  return seconds(table, key, target);
}

Result<void> ConfigReader::boolean(const toml::table& table, const char* key, bool& target) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    return {};
  }
  if (!node->is_boolean()) {
    return fault(*node, std::string(key) + " must be true or false");
  }
  target = *node->value_exact<bool>();
  return {};
}

Result<void> ConfigReader::text(const toml::table& table, const char* key,
                                std::string& target) const {
  if (const toml::node* node = table.get(key); node != nullptr) {
    target = SEABAG_TRY(text_of(*node, key));
  }
  return {};
}

Result<ConfigReader::Texts> ConfigReader::texts(const toml::table& table, const char* key) const {
  Texts values;
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    return values;
  }
  if (const toml::array* array = node->as_array(); array != nullptr) {
    for (const toml::node& element : *array) {
      values.emplace_back(SEABAG_TRY(text_of(element, key)), &element);
    }
    return values;
  }
  values.emplace_back(SEABAG_TRY(text_of(*node, key)), node);
  return values;
}

Result<void> ConfigReader::texts(const toml::table& table, const char* key,
                                 std::vector<std::string>& target) const {
  if (table.get(key) == nullptr) {
    return {};
  }
  target.clear();
  for (auto& [text, node] : SEABAG_TRY(texts(table, key))) {
    target.push_back(std::move(text));
  }
  return {};
}

Error ConfigReader::fault(const toml::node& node, std::string detail) const {
  return fault_at(node.source(), std::move(detail));
}

Error ConfigReader::fault_at(const toml::source_region& region, std::string detail) const {
  const std::string place =
      ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
  return make_error(std::errc::invalid_argument, "config", file_ + place, std::move(detail));
}

Result<std::string> ConfigReader::text_of(const toml::node& node, const char* key) const {
  std::optional<std::string> value = node.value_exact<std::string>();
  if (!value || value->find('\0') != std::string::npos) {
    return fault(node, std::string(key) + " must be text in quotes");
  }
  return *std::move(value);
}

}  // namespace seabag::server
