/** All analyzers over one world. Pure: the same objects give the same messages. */

import type { AnalysisMessage, ReportMessage } from './analysis-message.ts';
import type { AnalyzedWorld } from './analyzed-world.ts';
import { analyzeApplicationUsers } from './application-users.ts';
import { analyzeConflictingGateways } from './conflicting-gateways.ts';
import { analyzeConflictingMeshHosts } from './conflicting-mesh-hosts.ts';
import { analyzeDeployments } from './deployments.ts';
import { analyzeDeprecatedFields } from './deprecated-fields.ts';
import { analyzeDestinationHosts } from './destination-hosts.ts';
import { analyzeDestinationRuleCertificates } from './destination-rule-certificates.ts';
import { analyzeDestinationRuleSubsets } from './destination-rule-subsets.ts';
import { analyzeDestinationSubsets } from './destination-subsets.ts';
import { analyzeEnvoyFilterPatches } from './envoy-filter-patches.ts';
import { analyzeGatewayCertificates } from './gateway-certificates.ts';
import { analyzeGatewayCredentials } from './gateway-credentials.ts';
import { analyzeGatewayPorts } from './gateway-ports.ts';
import { analyzeIngressSubsetRules } from './ingress-subset-rules.ts';
import { analyzeJwtClaimRoutes } from './jwt-claim-routes.ts';
import { analyzeServiceEntryAddresses } from './service-entry-addresses.ts';
import { analyzeServiceEntryProtocols } from './service-entry-protocols.ts';
import { analyzeServicePortNames } from './service-port-names.ts';
import { analyzeSidecarSelectors } from './sidecar-selectors.ts';
import { analyzeUnreachableRules } from './unreachable-rules.ts';
import { analyzeVirtualServiceGateways } from './virtual-service-gateways.ts';

export type Analyzer = {
  /** As Istio calls it, so that people find it again. */
  name: string;
  description: string;
  run: (world: AnalyzedWorld, report: ReportMessage) => void;
};

export const ANALYZERS: readonly Analyzer[] = [
  {
    name: 'deprecation.FieldAnalyzer',
    description: 'Fields that will not be read for ever (IST0002)',
    run: analyzeDeprecatedFields,
  },
  {
    name: 'deployment.ServiceAssociationAnalyzer',
    description: 'Services of one Deployment that contradict each other (IST0116, IST0137)',
    run: analyzeDeployments,
  },
  {
    name: 'deployment.ApplicationUIDAnalyzer',
    description: "Applications that run as the proxy's user (IST0144)",
    run: analyzeApplicationUsers,
  },
  {
    name: 'destinationrule.CaCertificateAnalyzer',
    description: 'TLS to services without checking their certificate (IST0128, IST0129)',
    run: analyzeDestinationRuleCertificates,
  },
  {
    name: 'destinationrule.PodNotSelectedAnalyzer',
    description: 'Rules for unknown hosts and subsets without pods (IST0173, IST0174)',
    run: analyzeDestinationRuleSubsets,
  },
  {
    name: 'envoyfilter.EnvoyPatchAnalyzer',
    description: 'Patches without effect or that depend on an order (IST0151 to IST0155)',
    run: analyzeEnvoyFilterPatches,
  },
  {
    name: 'gateway.CertificateAnalyzer',
    description: 'Certificates that two Gateways share (IST0138)',
    run: analyzeGatewayCertificates,
  },
  {
    name: 'gateway.ConflictingGatewayAnalyzer',
    description: 'Gateways that serve the same host on the same port (IST0145)',
    run: analyzeConflictingGateways,
  },
  {
    name: 'gateway.IngressGatewayPortAnalyzer',
    description: 'Gateways without proxy, and ports that its Service lacks (IST0101, IST0162)',
    run: analyzeGatewayPorts,
  },
  {
    name: 'gateway.SecretAnalyzer',
    description: 'Secrets that are not where the proxy is, or hold no certificate (IST0101, IST0161)',
    run: analyzeGatewayCredentials,
  },
  {
    name: 'service.PortNameAnalyzer',
    description: 'Port names that say no protocol (IST0118, IST0150)',
    run: analyzeServicePortNames,
  },
  {
    name: 'serviceentry.ProtocolAddressesAnalyzer',
    description: 'TCP ports without addresses (IST0134)',
    run: analyzeServiceEntryAddresses,
  },
  {
    name: 'serviceentry.ConflictingServiceEntryProtocolAnalyzer',
    description: 'One host and port with two protocols (IST0177)',
    run: analyzeServiceEntryProtocols,
  },
  {
    name: 'sidecar.SelectorAnalyzer',
    description: 'Selectors without workload, and workloads with two Sidecars (IST0101, IST0110, IST0111, IST0167)',
    run: analyzeSidecarSelectors,
  },
  {
    name: 'virtualservice.ConflictingMeshGatewayHostsAnalyzer',
    description: 'Hosts that two VirtualServices route (IST0109)',
    run: analyzeConflictingMeshHosts,
  },
  {
    name: 'virtualservice.DestinationHostAnalyzer',
    description: 'Destinations that do not exist (IST0101, IST0112)',
    run: analyzeDestinationHosts,
  },
  {
    name: 'virtualservice.DestinationRuleAnalyzer',
    description: 'Subsets that no DestinationRule defines (IST0101)',
    run: analyzeDestinationSubsets,
  },
  {
    name: 'virtualservice.GatewayAnalyzer',
    description: 'Gateways that do not exist or serve none of the hosts (IST0101, IST0132, IST0165)',
    run: analyzeVirtualServiceGateways,
  },
  {
    name: 'virtualservice.IngressRouteAnalyzer',
    description: 'Subset rules that do not touch what enters by a gateway (IST0140)',
    run: analyzeIngressSubsetRules,
  },
  {
    name: 'virtualservice.JWTClaimRouteAnalyzer',
    description: 'Conditions on claims that nobody checks (IST0149)',
    run: analyzeJwtClaimRoutes,
  },
  {
    name: 'virtualservice.UnreachableRuleAnalyzer',
    description: 'Rules and matches that an earlier one leaves nothing (IST0130, IST0131)',
    run: analyzeUnreachableRules,
  },
];

/** What the analyzers say, without repetitions, in the order of the analyzers. */
export function analyze(world: AnalyzedWorld, analyzers: readonly Analyzer[] = ANALYZERS): AnalysisMessage[] {
  const messages = new Map<string, AnalysisMessage>();
  for (const { run } of analyzers) {
    run(world, (code, object, path, text) => {
      const { kind, metadata } = object;
      const key = JSON.stringify([code, kind, metadata.namespace, metadata.name, path, text]);
      messages.set(key, { code, object, path, text });
    });
  }
  return [...messages.values()];
}
