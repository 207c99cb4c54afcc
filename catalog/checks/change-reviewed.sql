/*
id: change-reviewed
version: 1
title:
  en: Every change has a recorded review by someone else
  sv: Varje ändring har en registrerad granskning av någon annan
criteria: [CC8.1]
schema: change/1
columns:
  change: [author_name_folded, author_email_folded]
  change_review: [resolved, name_folded, email_folded]
parameters:
  - name: recorded_floor_percent
    default: 5
    meaning:
      en: If fewer than this many percent of one repository's changes name any reviewer, reviews are not recorded there and nothing can be concluded.
      sv: Om färre än så många procent av ett kodförråds ändringar nämner någon granskare registreras inte granskningar där och ingen slutsats kan dras.
trace:
  entity: change_review
  floor: recorded_floor_percent
  missing: no_review_recorded
  becomes: review_not_recorded_here
rationale:
  en: A change that only its author has seen can carry a mistake or an abuse into production. A second person who looks at it before it is merged is the usual control.
  sv: En ändring som bara upphovspersonen har sett kan föra ett misstag eller ett missbruk ut i produktion. Den vanliga kontrollen är att en andra person granskar den innan den slås samman.
deviation:
  en: The record names no reviewer, or only the author. Ask where this change was reviewed; if nowhere, the control did not operate for it.
  sv: Posten nämner ingen granskare, eller bara upphovspersonen. Fråga var ändringen granskades; om ingenstans fungerade kontrollen inte för den.
false_positives:
  en: Reviews kept on a platform and not in the message; a reviewer who uses another name and address than the author although it is the same person passes; a person who shares a name with the author is taken for the author.
  sv: Granskningar som finns på en plattform men inte i meddelandet; en upphovsperson som granskar under annat namn och annan adress släpps igenom; en person med samma namn som upphovspersonen tas för upphovspersonen.
reasons:
  no_review_recorded:
    en: no reviewer is recorded
    sv: ingen granskare är registrerad
  self_review_only:
    en: only the author is recorded as reviewer
    sv: bara upphovspersonen är registrerad som granskare
  reviewer_identity_unresolved:
    en: the reviewer is a bare user name, so it is not known who it is
    sv: granskaren är bara ett användarnamn, så det är okänt vem det är
  review_not_recorded_here:
    en: this repository does not record reviews
    sv: detta kodförråd registrerar inte granskningar
*/
SELECT
  c.repository AS repository,
  c.item AS item,
  CASE
    WHEN v.independent > 0 THEN 'pass'
    WHEN v.unresolved > 0 THEN 'not_determinable'
    ELSE 'deviation'
  END AS status,
  CASE
    WHEN v.independent > 0 THEN ''
    WHEN v.unresolved > 0 THEN 'reviewer_identity_unresolved'
    WHEN v.reviewers > 0 THEN 'self_review_only'
    ELSE 'no_review_recorded'
  END AS reason
FROM change c
LEFT JOIN (
  SELECT
    r.change_id AS change_id,
    COUNT(*) AS reviewers,
    -- Two people differ when address and name both differ; an empty one decides
    -- nothing, and at least one of the two must be there on both sides.
    SUM(CASE WHEN r.resolved
      AND (r.email_folded = '' OR a.author_email_folded = '' OR r.email_folded <> a.author_email_folded)
      AND (r.name_folded = '' OR a.author_name_folded = '' OR r.name_folded <> a.author_name_folded)
      AND ((r.email_folded <> '' AND a.author_email_folded <> '') OR (r.name_folded <> '' AND a.author_name_folded <> ''))
      THEN 1 ELSE 0 END) AS independent,
    SUM(CASE WHEN r.resolved
      AND ((r.email_folded <> '' AND a.author_email_folded <> '') OR (r.name_folded <> '' AND a.author_name_folded <> ''))
      THEN 0 ELSE 1 END) AS unresolved
  FROM change_review r
  JOIN change a ON a.id = r.change_id
  GROUP BY r.change_id
) v ON v.change_id = c.id
ORDER BY c.id
