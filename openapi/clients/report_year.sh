set -euo pipefail
ask() { # key, path, more for curl; the answer is left in answer.json
  curl -sS --fail-with-body -o answer.json "$URL$2" -H "Authorization: Bearer $1" \
    -H 'Content-Type: application/json' "${@:3}" || { cat answer.json >&2; exit 1; }
}
code=524 plan=tuyen-truyen-2021-2025 year=2021 submissions=/v1/submissions
ask "$DISTRICT_KEY" /v1/activity-reports -d '{"unit": "'$code'", "source_system": "report-year",
  "external_id": "2021-09-10", "plan": "'$plan'", "plan_item": "III.1.b", "channel": "portal",
  "title": "Tin Đại hội", "occurred_on": "2021-09-10"}'
ask "$DISTRICT_KEY" "$submissions?unit=$code&plan=$plan&year=$year"
[[ $(jq '.items | length' answer.json) -gt 0 ]] ||
  ask "$DISTRICT_KEY" $submissions -d '{"plan": "'$plan'", "year": '$year'}'
draft=$(jq -r '.items[0].id // .id' answer.json)
ask "$DISTRICT_KEY" $submissions/$draft/submit -d '{"document_number": "215/BC",
  "document_on": "2021-11-22", "signer_title": "Phó Chủ tịch", "data_to": "2021-11-20"}'
ask "$FOCAL_KEY" $submissions/$draft/accept -X POST
ask "$FOCAL_KEY" /v1/consolidated-reports -d '{"plan": "'$plan'", "year": '$year'}' \
  -H "Idempotency-Key: $(date +%s)-$$"
while [[ $(jq -r .state answer.json) =~ queued|running ]]; do
  sleep 0.5
  ask "$FOCAL_KEY" /v1/consolidation-requests/$(jq -r .id answer.json)
done
version=$(jq -r .version answer.json)
ask "$FOCAL_KEY" /v1/plans/$plan/cycles/$year/consolidated-report -D headers.txt
mv answer.json consolidated-report.json
sha256=$(sed -n 's/^x-report-sha256: \([0-9a-f]*\).*/\1/ip' headers.txt)
echo "version $version, SHA-256 $sha256"
