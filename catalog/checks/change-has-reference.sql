/*
id: change-has-reference
version: 1
title:
  en: Every change names its reason
  sv: Varje ändring anger sitt skäl
criteria: [CC8.1]
schema: change/1
columns:
  change: [reference_count]
parameters: []
rationale:
  en: A change that names a pull request, an issue it closes or a ticket can be followed back to who asked for it and why.
  sv: En ändring som nämner en pull request, ett ärende som den stänger eller en ärendenyckel går att följa tillbaka till vem som bad om den och varför.
deviation:
  en: The message names no pull request, no closed issue, no Gerrit address and no ticket key in its subject. Ask for the reason of the change.
  sv: Meddelandet nämner ingen pull request, inget stängt ärende, ingen Gerrit-adress och ingen ärendenyckel i rubriken. Fråga efter skälet till ändringen.
false_positives:
  en: A reference only in the body, as with "Ref:" or "Updates", does not count; a word like ABC-1 in the subject that is no ticket does; whether the thing referred to exists and approves the change is not looked at.
  sv: En hänvisning bara i brödtexten, som med "Ref:" eller "Updates", räknas inte; ett ord som ABC-1 i rubriken som inte är någon ärendenyckel räknas; om det som hänvisningen pekar på finns och godkänner ändringen kontrolleras inte.
reasons:
  no_change_reference:
    en: the message names no reference
    sv: meddelandet nämner ingen hänvisning
*/
SELECT
  c.repository AS repository,
  c.item AS item,
  CASE WHEN c.reference_count > 0 THEN 'pass' ELSE 'deviation' END AS status,
  CASE WHEN c.reference_count > 0 THEN '' ELSE 'no_change_reference' END AS reason
FROM change c
ORDER BY c.id
