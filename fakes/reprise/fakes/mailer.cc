#include "reprise/fakes/mailer.h"

#include <algorithm>

#include "reprise/fakes/internal/text.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::fakes {

std::string_view to_string(MailStatus status) {
  switch (status) {
    case MailStatus::kNoAnswer:
      return "NoAnswer";
    case MailStatus::kAccepted:
      return "Accepted";
    case MailStatus::kRejected:
      return "Rejected";
  }
  return "";
}

MailStatus Mailer::send(std::string to, std::string subject, std::string body, std::string key,
                        std::source_location location) {
  const EffectCall call{
      .target = name_,
      .action = "send",
      .arguments = to + ", " + internal::quoted_text(subject) + ", " + internal::quoted_text(body),
      .key = key,
      .repeatable = false,
      .location = location};
  return effect(call, [&](EffectOutcome& outcome) {
    if (keys_.contains(key)) {
      if (!REPRISE_FAULT(repeated_mail_counts_as_change)) outcome.unchanged();
      return MailStatus::kAccepted;
    }
    if (to.empty() || rejected_.contains(to)) {
      outcome.unchanged();
      return MailStatus::kRejected;
    }
    if (!key.empty()) keys_.insert(std::move(key));
    Mail mail{std::move(to), std::move(subject), std::move(body)};
    const auto place = REPRISE_FAULT(mails_in_order_of_arrival)
                           ? outbox_.end()
                           : std::upper_bound(outbox_.begin(), outbox_.end(), mail);
    outbox_.insert(place, std::move(mail));
    return MailStatus::kAccepted;
  });
}

std::vector<Mail> Mailer::sent_to(std::string_view recipient) const {
  std::vector<Mail> mails;
  std::copy_if(outbox_.begin(), outbox_.end(), std::back_inserter(mails),
               [&](const Mail& mail) { return mail.to == recipient; });
  return mails;
}

}  // namespace reprise::fakes
