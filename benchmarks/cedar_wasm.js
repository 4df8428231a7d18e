// Cedar's own build for JavaScript, asked about the same work as cedarpy. Standard input: a line with
// {"sets": [text, …], "entities": [[…], …], "requests": [[user, action, resource, region], …]}, then a line for each
// round. Standard output: a line for each, the first with the decisions, the others with seconds a decision.
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const lines = require("readline").createInterface({ input: process.stdin });

let calls;

function asked() {
  let allowed = "";
  for (const call of calls) {
    const answer = cedar.statefulIsAuthorized(call);
    if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
    allowed += answer.response.decision === "allow" ? "1" : "0";
  }
  return allowed;
}

lines.on("line", (line) => {
  if (calls === undefined) {
    const work = JSON.parse(line);
    work.sets.forEach((text, user) => {
      const parsed = cedar.preparsePolicySet(`u${user}`, { staticPolicies: text });
      if (parsed.type !== "success") throw new Error(JSON.stringify(parsed.errors));
    });
    calls = work.requests.map(([user, action, resource, region]) => ({
      principal: { type: "User", id: `u${user}` },
      action: { type: "Action", id: action },
      resource: { type: "R", id: resource },
      context: { region, arn: resource },
      preparsedPolicySetId: `u${user}`,
      entities: work.entities[user],
    }));
    console.log(asked());
    return;
  }
  const started = process.hrtime.bigint();
  asked();
  console.log(Number(process.hrtime.bigint() - started) / 1e9 / calls.length);
});
