/** Whether a URL is that of a port of OpenShift's thanos-querier: 9091 answers for all namespaces, 9092 for one. */
export function isThanosQuerier(url: string, port: 9091 | 9092): boolean {
  return url.includes("thanos-querier") && new RegExp(`:${port}(/|$)`).test(url);
}
