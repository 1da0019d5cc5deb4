#include "seabag/bundler/pack.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "asset_headers.h"
#include "contents.h"
#include "intake.h"
#include "layout.h"
#include "links.h"
#include "load_queue.h"
#include "loader.h"
#include "parallel.h"
#include "plan.h"
#include "progress.h"
#include "recipe.h"
#include "representations.h"
#include "seabag/bundle/writer.h"
#include "seabag/bundler/failure.h"
#include "seabag/http/media_type.h"
#include "siblings.h"
#include "site_files.h"
#include "sources.h"
#include "unpack.h"

namespace seabag::bundler {
namespace {

constexpr std::chrono::milliseconds kPatience{100};
constexpr std::size_t kMostWarnings = 100;

/// One pack, stage by stage.
class Packing {
 public:
  Packing(const PackOptions& options, PackObserver* observer, bundle::Writer writer)
      : options_(options),
        jobs_(worker_count(options.jobs)),
        progress_(observer),
        writer_(std::move(writer)),
        plan_(names_of(options.inputs)) {}

  Result<PackReport> run();

 private:
  static std::vector<std::string> names_of(const std::vector<Input>& inputs);

  Result<void> read_inputs();
  Result<void> make_representations();
  Result<void> write_bundle();
  void mark_compressible();
  void warn(std::vector<std::string> notes);

  const PackOptions& options_;
  unsigned jobs_;
  ProgressReporter progress_;
  bundle::Writer writer_;
  Plan plan_;
  Contents contents_;
  http::HeaderRules rules_;
  std::vector<StoredVariant> variants_;
  PackReport report_;
};

std::vector<std::string> Packing::names_of(const std::vector<Input>& inputs) {
  std::vector<std::string> names;
  for (const Input& input : inputs) {
    names.push_back(input.path);
  }
  return names;
}

void Packing::warn(std::vector<std::string> notes) {
  std::ranges::move(notes, std::back_inserter(report_.warnings));
}

Result<void> Packing::read_inputs() {
  const OwnFiles own = SEABAG_TRY(find_own_files(options_, writer_.descriptor()));
  const auto sources = SEABAG_TRY(make_sources(options_, own));
  const Loader loader(own.files);
  Intake intake(plan_, contents_, writer_, options_.output);
  LoadQueue queue(
      jobs_, [&](BatchSink& sink) { run_sources(sources, sink); },
      [&](Batch& batch) { loader.load(batch); });
  for (;;) {
    const LoadQueue::Wait waited = queue.wait(kPatience);
    if (waited == LoadQueue::Wait::end) {
      break;
    }
    if (waited == LoadQueue::Wait::ready) {
      SEABAG_TRY(intake.take(queue.front()));
      queue.pop();
    }
    progress_.tell({.stage = PackStage::reading,
                    .files = intake.totals().files,
                    .bytes = intake.totals().bytes});
  }
  const IntakeTotals& totals = intake.totals();
  report_.files = totals.files;
  report_.bytes_in = totals.bytes;
  report_.deduplicated = {.count = totals.duplicates, .bytes = totals.duplicate_bytes};
  warn(std::move(intake.notes()));
  return {};
}

void Packing::mark_compressible() {
  for (std::size_t index = 0; index < plan_.size(); ++index) {
    const PlanId id{static_cast<std::uint32_t>(index)};
    const PlanEntry* entry = &plan_.entry(id);
    if (entry->kind == PlanKind::link) {
      entry = &plan_.entry(PlanId{entry->reference});
    }
    if (entry->kind != PlanKind::file) {
      continue;
    }
    const ContentNumber content{entry->reference};
    if (largest_worth_keeping(contents_[content].identity.length) > 0 &&
        http::is_compressible(http::media_type(plan_.name(id)))) {
      contents_.mark_compressible(content);
    }
  }
}

Result<void> Packing::make_representations() {
  const auto idle = [&] { progress_.tell({.stage = PackStage::compressing}); };
  Adoption adoption = SEABAG_TRY(adopt_siblings(plan_, contents_, writer_, jobs_, idle));
  report_.adopted = {.count = adoption.names, .bytes = adoption.bytes};
  warn(std::move(adoption.notes));
  variants_ = std::move(adoption.variants);
  if (options_.profile == Profile::none) {
    return {};
  }
  mark_compressible();
  const auto store =
      SEABAG_TRY(VariantStore::open({.cache_directory = options_.cache_directory,
                                     .cache_limit_bytes = options_.cache_limit_bytes,
                                     .scratch_directory = directory_of(options_.output)}));
  Representations representations(contents_, writer_, *store,
                                  {.profile = options_.profile, .jobs = jobs_});
  const auto tell = [&] {
    const CompressionProgress& now = representations.progress();
    progress_.tell({.stage = PackStage::compressing,
                    .files = now.contents,
                    .files_total = now.contents_total,
                    .bytes = now.bytes,
                    .bytes_total = now.bytes_total});
  };
  auto compressed = representations.compress(variants_, tell);
  store->close();  // what has been made is of use next time, also when this pack fails
  warn(store->notes());
  SEABAG_TRY(std::move(compressed));
  const auto made =
      SEABAG_TRY(representations.write([&] { progress_.tell({.stage = PackStage::writing}); }));
  variants_.insert(variants_.end(), made.begin(), made.end());
  std::ranges::sort(variants_, {}, [](const StoredVariant& each) {
    return std::pair(each.content, each.encoding);
  });
  report_.computed_variants = representations.computed();
  report_.cached_variants = representations.cached();
  return {};
}

Result<void> Packing::write_bundle() {
  progress_.tell({.stage = PackStage::writing});
  plan_.settle_times();
  AssetHeaders headers(plan_, rules_, options_.security, writer_);
  Layout layout(plan_, contents_, variants_, options_.source_date_epoch);
  bundle::Tree tree = SEABAG_TRY(layout.run(writer_, headers));
  const bundle::WriteReport written = SEABAG_TRY(writer_.finish(std::move(tree)));
  report_.directories = written.totals.directories;
  report_.symlinks = written.totals.symlinks;
  for (std::size_t index = 0; index < vfs::kEncodingCount; ++index) {
    report_.representations[index] = {.count = written.totals.encodings[index].count,
                                      .bytes = written.totals.encodings[index].bytes};
  }
  report_.bytes_out = written.output_bytes;
  return {};
}

Result<PackReport> Packing::run() {
  const auto start = std::chrono::steady_clock::now();
  SEABAG_TRY(read_inputs());
  if (contents_.size() == 0) {
    return make_failure(Failure::nothing_to_pack, "pack", options_.inputs.front().path,
                        "the inputs hold no file; check the paths and .seabagignore");
  }
  if (options_.links == LinkPolicy::inside) {
    SEABAG_TRY(check_links(plan_));
  }
  rules_ = SEABAG_TRY(read_site_rules(plan_, contents_, writer_));
  SEABAG_TRY(make_representations());
  SEABAG_TRY(write_bundle());
  std::vector<std::string>& warnings = report_.warnings;
  if (warnings.size() > kMostWarnings) {
    const std::size_t hidden = warnings.size() - kMostWarnings + 1;
    warnings.resize(kMostWarnings - 1);
    warnings.push_back("and " + std::to_string(hidden) + " more warnings");
  }
  report_.elapsed = std::chrono::steady_clock::now() - start;
  return std::move(report_);
}

}  // namespace

Result<PackReport> pack(const PackOptions& options, PackObserver* observer) {
  if (options.inputs.empty() || options.output.empty()) {
    return make_error(std::errc::invalid_argument, "pack", {},
                      "there must be an input and an output");
  }
  SEABAG_TRY(check_inputs(options));
  auto writer = bundle::Writer::create(options.output, options.stub_descriptor,
                                       {.created = options.source_date_epoch.value_or(0),
                                        .producer = options.producer,
                                        .config = options.config_text,
                                        .durability = options.durability});
  if (!writer) {
    return with_path(std::move(writer).error(), options.output);
  }
  auto report = Packing(options, observer, std::move(*writer)).run();
  return report ? std::move(report) : with_path(std::move(report).error(), options.output);
}

}  // namespace seabag::bundler
