import { writeFileSync } from "node:fs";
import { env } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./baocao.d.ts";

function done<T>(answer: { data?: T; error?: components["schemas"]["Problem"] }): T {
  if (answer.data === undefined) throw new Error(`refused: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

const client = (key?: string) =>
  createClient<paths>({ baseUrl: env.URL, headers: { Authorization: `Bearer ${key}` } });
const [unit, focal] = [client(env.DISTRICT_KEY), client(env.FOCAL_KEY)];
const [code, year] = ["524", { plan: "tuyen-truyen-2021-2025", year: 2021 }];
const key = { unit: code, source_system: "report-year", external_id: "2021-09-10" };
const what = { plan: year.plan, plan_item: "III.1.b", channel: "portal", title: "Tin Đại hội" };
const activity = { ...key, ...what, occurred_on: "2021-09-10" };
done(await unit.POST("/v1/activity-reports", { body: activity }));
const mine = { params: { query: { unit: code, ...year } } };
const begun = done(await unit.GET("/v1/submissions", mine)).items;
const { id } = begun[0] ?? done(await unit.POST("/v1/submissions", { body: year }));
const paper = { params: { path: { submission_id: id } }, body: { document_number: "215/BC",
  document_on: "2021-11-22", signer_title: "Phó Chủ tịch", data_to: "2021-11-20" } };
done(await unit.POST("/v1/submissions/{submission_id}/submit", paper));
done(await focal.POST("/v1/submissions/{submission_id}/accept", { params: paper.params }));
const attempt = { header: { "Idempotency-Key": crypto.randomUUID() } };
let asked = done(await focal.POST("/v1/consolidated-reports", { params: attempt, body: year }));
while (["queued", "running"].includes(asked.state)) {
  await sleep(500);
  const params = { path: { request_id: asked.id } };
  asked = done(await focal.GET("/v1/consolidation-requests/{request_id}", { params }));
}
const latest = { params: { path: year }, parseAs: "text" as const };
const report = await focal.GET("/v1/plans/{plan}/cycles/{year}/consolidated-report", latest);
writeFileSync("consolidated-report.json", done(report));
console.log(`version ${asked.version}, SHA-256 ${report.response.headers.get("X-Report-SHA256")}`);
